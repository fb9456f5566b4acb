"""The format of log lines: plain or JSON, each with the id of its request."""

import json
import logging
import os
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdFilter(logging.Filter):
    """Adds the id of the current request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class NoTraceOfStrangers(logging.Filter):
    """Leaves a line of a request that Django finds suspicious: its trace is of no bug of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.exc_info = None
            record.exc_text = None
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: the standard values of a record, and its `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class SharedRotatingHandler(RotatingFileHandler):
    """A log that several processes write, and that one of them rotates when it is full.

    Whoever makes the file `<log>.rotating` first may rotate; the others see that another file lies
    at the path, and open that.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write to the file that lies at the path now."""
        if self.stream is not None and not self._is_current():
            self.stream.close()
            self.stream = self._open()
        super().emit(record)

    def doRollover(self) -> None:
        """Rotate, unless another process does so right now."""
        guard = Path(f"{self.baseFilename}.rotating")
        with suppress(OSError):  # on Windows no file is renamed that another process has open
            os.close(os.open(guard, os.O_CREAT | os.O_EXCL))
            try:
                # Another may have been quicker, and this one saw the size of the file before.
                if Path(self.baseFilename).stat().st_size >= self.maxBytes:
                    super().doRollover()
            finally:
                guard.unlink()

    def _is_current(self) -> bool:
        try:
            at_path = os.stat(self.baseFilename)
        except FileNotFoundError:
            return False
        assert self.stream is not None
        opened = os.fstat(self.stream.fileno())
        return (opened.st_dev, opened.st_ino) == (at_path.st_dev, at_path.st_ino)
