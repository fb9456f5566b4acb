"""Filters of admin lists with a text field: for moments, and for more values than fit a list."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

# These belong to the page that was left, not to the search.
PAGE_PARAMS = {"p", "e"}


class InputFilter(ListFilter):
    """A filter with one text field; a text that cannot be parsed is reported, and finds nothing."""

    template = "admin/core/input_filter.html"
    parameter_name: str
    input_type = "text"
    error_message: str

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.text = params.pop(self.parameter_name, [""])[-1].strip()
        self.value = self.parse(self.text) if self.text else None
        self.is_invalid = bool(self.text) and self.value is None

        dropped = PAGE_PARAMS | {self.parameter_name}
        self.other_params = [
            (name, value)
            for name, values in request.GET.lists()
            for value in values
            if name not in dropped
        ]

    def parse(self, text: str) -> Any:
        """Return the value of a text, None where it is invalid."""
        raise NotImplementedError

    def apply(self, queryset: Any, value: Any) -> QuerySet[Any]:
        """Keep the rows of a value."""
        raise NotImplementedError

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {"other_params": self.other_params}

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.is_invalid:
            return queryset.none()
        return queryset if self.value is None else self.apply(queryset, self.value)

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]
