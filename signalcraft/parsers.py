"""The parser of JSON bodies; Django bounds their size before."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Utf8JSONParser(JSONParser):
    """Reads JSON as UTF-8, whatever codec a client names; refuses what cannot be answered."""

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
            # An escape can hold half a character, and no answer that quotes it could be encoded.
            json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError as exc:
            raise ParseError("The JSON is nested too deeply.") from exc
        except UnicodeEncodeError as exc:
            raise ParseError("The JSON contains an invalid character (a lone surrogate).") from exc
        return parsed
