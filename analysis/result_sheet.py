"""The results of a batch as CSV: one row per file, written at once, and read again to continue."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import TextIO

from core.errors import InvalidRequest
from core.spreadsheets import BYTE_ORDER_MARK, escape_text, unescape_text

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """The result of one file, or the code and message of its refusal; numbers as by repr()."""

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
        """The sheet has one row for each key."""
        return self.file, self.model_id, self.device_id


COLUMNS = tuple(field.name for field in fields(ResultRow))


class ResultSheet:
    """The rows of a CSV file; a context manager that leaves the file complete and sorted.

    Each row is flushed before the next begins, so a run that is killed loses at most one. Raises
    InvalidRequest for a file that cannot be written, or that is not a result (it is left alone).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rows = {row.key: row for row in read_rows(path)}
        self._file: TextIO | None = None

    def __enter__(self) -> "ResultSheet":
        # Rewriting drops a half-written last row; new rows are appended to the rest.
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
        """Append a row; it replaces an earlier row of the same key when the sheet is closed."""
        assert self._file is not None, "a sheet is written between enter and exit"
        write_rows(self._file, [astuple(row)])
        self._file.flush()
        self.rows[row.key] = row

    def _rewrite(self) -> None:
        """Replace the file by its sorted rows, wholly or not at all."""
        unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            with unfinished.open("w", newline="", encoding="utf-8") as file:
                file.write(BYTE_ORDER_MARK)
                write_rows(file, [COLUMNS])
                write_rows(file, sorted(map(astuple, self.rows.values())))
            unfinished.replace(self._path)
        except OSError as exc:
            raise InvalidRequest(f"{self._path} cannot be written: {exc.strerror}.") from exc
        finally:
            unfinished.unlink(missing_ok=True)


def write_rows(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    """Append rows to an open file."""
    cells = ([escape_text(cell) for cell in row] for row in rows)
    csv.writer(file, lineterminator="\n").writerows(cells)


def read_rows(path: Path) -> list[ResultRow]:
    """Read the rows of an earlier run, without a last one that is incomplete.

    Where a key is there twice, the later row is the valid one.
    """
    try:
        content = path.read_bytes() if path.exists() else b""
        complete = content[: content.rfind(b"\n") + 1].decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(complete, newline="")))
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise InvalidRequest(f"{path} cannot be read as a CSV file.") from exc

    if content and (not lines or tuple(lines[0]) != COLUMNS):
        raise InvalidRequest(
            f"{path} exists and is not a result of this command. Choose another file."
        )
    return [
        ResultRow(**dict(zip(COLUMNS, map(unescape_text, line), strict=True)))
        for line in lines[1:]
        if len(line) == len(COLUMNS)
    ]
