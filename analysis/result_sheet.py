"""The results of a batch as CSV: a row a file, written as it is known, and read again to go on."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import TextIO

from core.errors import InvalidRequest

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """What was said of one file, or the code and sentence of why nothing can be; numbers as repr() writes them."""

    file: str
    model_id: str
    device_id: str
    version: str
    calibration: str = ""
    sha256: str = ""
    label: str = ""
    score: str = ""
    anomaly_score: str = ""
    p_value: str = ""
    health_score: str = ""
    warning: str = ""
    critical: str = ""
    quality_warnings: str = ""
    analysis_id: str = ""
    code: str = ""
    detail: str = ""

    @property
    def key(self) -> Key:
        """What there is one row for."""
        return self.file, self.model_id, self.device_id


COLUMNS = tuple(field.name for field in fields(ResultRow))


class ResultSheet:
    """The rows of a CSV file, old and new; a context manager that leaves the file whole and in order of name.

    Each row is on its way to the disk before the next is begun, so a run that is killed loses at most one.
    Raises InvalidRequest for a file that is something else, which is left alone, or that cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = {row.key: row for row in read_rows(path)}
        self._file: TextIO | None = None

    def __enter__(self) -> "ResultSheet":
        # What a killed run left half-written goes now; new rows are appended to what is whole.
        self._rewrite()
        self._file = self._path.open("a", newline="", encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()
        self._rewrite()

    def add(self, row: ResultRow) -> None:
        """Write a row; one of the same key is history when the sheet is closed."""
        assert self._file is not None, "a sheet is written between enter and exit"
        write_rows(self._file, [astuple(row)])
        self._file.flush()
        self.rows[row.key] = row

    def _rewrite(self) -> None:
        """Put the file in order, whole or not at all."""
        unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            with unfinished.open("w", newline="", encoding="utf-8") as file:
                write_rows(file, [COLUMNS])
                write_rows(file, sorted(map(astuple, self.rows.values())))
            unfinished.replace(self._path)
        except OSError as exc:
            raise InvalidRequest(f"{self._path} cannot be written: {exc.strerror}.") from exc
        finally:
            unfinished.unlink(missing_ok=True)


def write_rows(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    """Append rows."""
    csv.writer(file, lineterminator="\n").writerows(rows)


def read_rows(path: Path) -> list[ResultRow]:
    """Read what an earlier run wrote, but for a last row that it did not finish; later rows win over earlier ones."""
    try:
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1].decode()
        lines = list(csv.reader(io.StringIO(whole, newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise InvalidRequest(f"{path} cannot be read as a CSV file.") from exc
    if content and (not lines or tuple(lines[0]) != COLUMNS):
        raise InvalidRequest(f"{path} is not a result of this command: name another file.")
    return [
        ResultRow(**dict(zip(COLUMNS, line, strict=True)))
        for line in lines[1:]
        if len(line) == len(COLUMNS)
    ]
