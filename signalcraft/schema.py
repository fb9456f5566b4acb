"""The OpenAPI schema: every operation lists its possible errors, in one shared form."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

import uritemplate
from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from accounts.errors import LimitsUnavailable
from core.errors import DatabaseUnavailable, ServerBusy, SignalCraftError, TooSlow
from signalcraft.api import CODES, SIGN_IN_CODES

RETRY_AFTER = {
    "description": "Seconds to wait before the next request.",
    "schema": {"type": "integer", "minimum": 1},
}
# The packages that answer requests; training does not.
API_PACKAGES = ("core", "signalcraft", "accounts", "registry", "analysis", "older_app")


class BearerScheme(SimpleJWTScheme):
    """Describes our way of reading the token as it describes the library's."""

    target_class = "accounts.authentication.BearerAuthentication"


class ApiSchema(AutoSchema):
    """Adds the errors of each operation: those of its kind, and those that its view names.

    A view names them by method: `error_responses = {"POST": [ModelInactive, Silent]}`.
    """

    def get_summary(self) -> str:
        """Return the first sentence of the description."""
        return self.get_description().partition(".")[0]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        codes_by_status: dict[int, list[str]] = defaultdict(list)
        for status, code in self._list_errors():
            codes_by_status[status].append(code)
        for status, codes in sorted(codes_by_status.items()):
            body = self._get_response_for_code(
                build_problem_serializer(), str(status), direction=direction
            )
            phrase = HTTPStatus(status).phrase
            bodies[str(status)] = body | {
                "description": f"{phrase}: {', '.join(sorted(set(codes)))}"
            }
            if status == 429 or ServerBusy.code in codes:
                bodies[str(status)]["headers"] = {"Retry-After": RETRY_AFTER}
        return bodies

    def _list_errors(self) -> Iterator[tuple[int, str]]:
        has_body = self.method in {"POST", "PUT", "PATCH"}
        if has_body or self.get_override_parameters():
            yield 400, CODES[400]
        if has_body:
            yield 413, "too_large"
            yield 415, CODES[415]
            yield TooSlow.status_code, TooSlow.code
        yield DatabaseUnavailable.status_code, DatabaseUnavailable.code
        yield ServerBusy.status_code, ServerBusy.code
        yield from ((401, code) for code in SIGN_IN_CODES)
        if self.view.get_authenticators():
            yield 403, CODES[403]
        if uritemplate.variables(self.path) or getattr(self.view, "pagination_class", None):
            yield 404, CODES[404]
        if self.view.get_throttles():
            yield 429, CODES[429]
            yield LimitsUnavailable.status_code, LimitsUnavailable.code
        for error in getattr(self.view, "error_responses", {}).get(self.method, []):
            yield error.status_code, error.code


@cache
def build_problem_serializer() -> serializers.Serializer[Any]:
    """Build the schema of an error answer; called when all errors are known."""
    return inline_serializer(
        "Problem",
        {
            "code": serializers.ChoiceField(collect_codes()),
            "detail": serializers.CharField(
                help_text="One English sentence; the app translates `code`."
            ),
            "fields": serializers.DictField(
                required=False, help_text="What was wrong with each field."
            ),
        },
    )


def collect_codes() -> list[str]:
    """Return every `code` that an answer can carry."""
    codes = {
        error.code
        for error in _descendants(SignalCraftError)
        if error.__module__.startswith(API_PACKAGES)
    }
    return sorted(codes | {*CODES.values(), *SIGN_IN_CODES, SignalCraftError.code})


def _descendants(error: type[SignalCraftError]) -> Iterator[type[SignalCraftError]]:
    for child in error.__subclasses__():
        yield child
        yield from _descendants(child)


def drop_impossible_defaults(result: Any, **_context: Any) -> Any:
    """Leave out an empty default where a value may not be empty: it says "none given", no more."""
    if isinstance(result, dict):
        is_bounded = "pattern" in result or result.get("minLength", 0) > 0
        if result.get("default") == "" and is_bounded:
            del result["default"]
    for part in result.values() if isinstance(result, dict) else result:
        if isinstance(part, dict | list):
            drop_impossible_defaults(part)
    return result
