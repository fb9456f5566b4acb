"""JSON bodies; Django bounds their size before they are parsed."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Utf8JSONParser(JSONParser):
    """JSON in UTF-8, whatever codec a client names, and however deep it is nested."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            parsed = super().parse(
                stream, media_type, dict(parser_context or {}) | {"encoding": "utf-8"}
            )
            # An escape can smuggle in half a character: no answer that quotes it could be written.
            json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError as exc:
            raise ParseError("The JSON is nested too deeply.") from exc
        except UnicodeEncodeError as exc:
            raise ParseError("The JSON holds half a character (a lone surrogate).") from exc
        return parsed
