"""JSON bodies, bounded before they are parsed."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.http import UnreadablePostError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from analysis.errors import TooLarge

MAX_JSON_BYTES = 256 * 1024


class SmallJSONParser(JSONParser):
    """JSON in UTF-8, of the size of a form."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            body = stream.read(MAX_JSON_BYTES + 1)
        except UnreadablePostError as exc:
            raise ParseError("The body broke off.") from exc
        if len(body) > MAX_JSON_BYTES:
            raise TooLarge(f"A JSON body may have at most {MAX_JSON_BYTES // 1024} KiB.")
        # A client may name any codec as its charset, even one that does not exist.
        context = dict(parser_context or {}) | {"encoding": "utf-8"}
        try:
            return super().parse(BytesIO(body), media_type, context)
        except RecursionError as exc:
            raise ParseError("The JSON is nested too deeply.") from exc
