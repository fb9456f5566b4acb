"""Fields of requests: moments, and recordings as files."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from analysis.sound.file_types import list_format_names

# A phone whose clock was never set says 1970; one set to another time zone may be a day ahead.
EARLIEST_RECORDING = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_SLACK = timedelta(days=1)


class MomentField(serializers.DateTimeField):
    """A moment with its UTC offset; without an offset it could be wrong by half a day."""

    default_error_messages = {
        "no_offset": "Give the time with its UTC offset, for example 2026-08-01T09:30:00+09:00.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a moment that is naive; return others in UTC."""
        if value.utcoffset() is None:
            self.fail("no_offset")
        try:
            return value.astimezone(UTC)
        except OverflowError:
            # The first and the last day of the calendar may lie outside of it in UTC.
            return value.replace(tzinfo=UTC)


class InstantField(MomentField):
    """The moment of a recording."""

    default_error_messages = {
        "unlikely": "A recording cannot have been made at this time.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a moment that is naive or impossible; return others in UTC."""
        if value.utcoffset() is None:
            self.fail("no_offset")
        if not EARLIEST_RECORDING <= value <= timezone.now() + CLOCK_SLACK:
            self.fail("unlikely")
        return value.astimezone(UTC)


class RecordingField(serializers.FileField):
    """One uploaded recording; the pipeline decodes it."""

    default_error_messages = {
        # A chunked body has no declared length, and Django hands it over empty.
        "required": "Send the recording as a file, under a name in UTF-8 and with a Content-Length."
    }

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "allow_empty_file": True,
            "help_text": f"{list_format_names()}.",
        }
        super().__init__(**(defaults | options))
