"""Limits of what a client may upload, enforced while the body is read."""

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import UnreadablePostError
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request

from analysis.api.form_headers import Utf8Headers
from analysis.detectors.device_calibration import MAX_DEVICE_CLIPS
from analysis.errors import TooLarge
from analysis.loading import get_limits
from analysis.models.idempotency import MAX_KEY_LENGTH
from core.errors import InvalidRequest

IDEMPOTENCY_KEY = "Idempotency-Key"
# For the other fields of the form and the multipart headers.
FORM_OVERHEAD_BYTES = 64 * 1024


def build_too_large(max_bytes: int, what: str = "A recording") -> TooLarge:
    """Return the error that names the limit."""
    return TooLarge(f"{what} may have at most {max_bytes / 2**20:g} MiB.")


def read_idempotency_key(request: Request) -> str | None:
    """Return the Idempotency-Key of a request, None where it has none."""
    key = request.headers.get(IDEMPOTENCY_KEY, "").strip()
    if len(key) > MAX_KEY_LENGTH or not re.fullmatch(r"[\x20-\x7e]*", key):
        rule = f"Use at most {MAX_KEY_LENGTH} printable ASCII characters, for example a UUID."
        raise ValidationError({IDEMPOTENCY_KEY: [rule]})
    return key or None


class BoundedUploadHandler(FileUploadHandler):
    """Collects files in memory; stops as soon as one, or all together, are too large."""

    def __init__(self, max_files: int, max_bytes: int, max_total_bytes: int) -> None:
        super().__init__()
        self.max_files = max_files
        self.max_bytes = max_bytes
        self.max_total_bytes = max_total_bytes
        self.n_files = 0
        self.total_bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start a file, or refuse one too many."""
        if self.n_files == self.max_files:
            count = "one file" if self.max_files == 1 else f"{self.max_files} files"
            raise InvalidRequest(f"Send at most {count} in a request.")
        super().new_file(*args, **kwargs)
        self.n_files += 1
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Add a chunk; the bytes are counted, as a declared length may be wrong."""
        self.total_bytes += len(raw_data)
        if start + len(raw_data) > self.max_bytes:
            raise build_too_large(self.max_bytes)
        if self.total_bytes > self.max_total_bytes:
            raise build_too_large(self.max_total_bytes, "All recordings together")
        self.content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file that was collected."""
        self.content.seek(0)
        return InMemoryUploadedFile(
            self.content,
            self.field_name,
            self.file_name,
            self.content_type,
            file_size,
            self.charset,
        )

    def upload_interrupted(self) -> None:
        """Refuse a body without its closing boundary, so that half a recording is not judged."""
        raise InvalidRequest("The upload ended before the file did.")


class RecordingParser(MultiPartParser):
    """Parses multipart/form-data with one recording, of limited size."""

    max_files = 1
    file_field = "file"
    # All files together may have this many times the bytes of the largest file allowed.
    total_bytes_factor = 1

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles:
        """Refuse a body by its declared length, then read it with a handler that counts."""
        context = dict(parser_context or {})
        request = context["request"]
        max_bytes = get_limits().max_bytes
        max_total_bytes = self.total_bytes_factor * max_bytes

        declared_bytes = int(request.META.get("CONTENT_LENGTH") or 0)
        if declared_bytes > max_total_bytes + self.max_files * FORM_OVERHEAD_BYTES:
            what = "All recordings together" if self.max_files > 1 else "A recording"
            raise build_too_large(max_total_bytes, what)

        handler = BoundedUploadHandler(self.max_files, max_bytes, max_total_bytes)
        request.upload_handlers = [handler]
        # A client may name any codec as its charset, but the fields are UTF-8 by contract.
        context["encoding"] = "utf-8"
        try:
            parsed = super().parse(convert_headers(stream, media_type), media_type, context)
            self.check_field_names(parsed)
            return parsed
        except ParseError as exc:
            # Django skips a header that it cannot read, and takes the sound for the next one.
            if "header size" not in str(exc):
                raise
            raise InvalidRequest(
                "A header of the form cannot be read. The name of a file must be in UTF-8 (or in"
                " CP949) and shorter than a kilobyte."
            ) from exc
        except (SuspiciousOperation, UnreadablePostError) as exc:
            raise InvalidRequest(
                "The form could not be read: it is incomplete, or has too many or too large fields."
            ) from exc

    def check_field_names(self, parsed: DataAndFiles) -> None:
        """Name the field in which a recording came, if it is not the one that is read."""
        others = [name for name in parsed.files if name != self.file_field]
        if others and self.file_field not in parsed.files:
            name = others[0][:40]
            raise ValidationError(
                {self.file_field: [f"The recording is in the field “{name}”: it belongs here."]}
            )


def convert_headers(stream: Any, media_type: str | None) -> Any:
    """Return the body with the names of its files in UTF-8; without a boundary as it is."""
    _, params = parse_header_parameters(media_type or "")
    boundary = params.get("boundary", "")
    return Utf8Headers(stream, boundary.encode()) if boundary.isascii() and boundary else stream


class ClipsParser(RecordingParser):
    """Parses multipart/form-data with the clips that calibrate a device."""

    max_files = MAX_DEVICE_CLIPS
    total_bytes_factor = 4
    file_field = "files"
