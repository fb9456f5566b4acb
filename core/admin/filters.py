"""Filters of admin lists that are typed in: for moments, and for what there are too many of to list as links."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

# Of the page that was looked at, not of what is looked for.
OF_THE_PAGE = {"p", "e"}


class InputFilter(ListFilter):
    """One field; what is typed into it that means nothing is told, and finds nothing."""

    template = "admin/core/typed_filter.html"
    parameter_name: str
    input_type = "text"
    error_message: str

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.text = params.pop(self.parameter_name, [""])[-1].strip()
        left_out = OF_THE_PAGE | {self.parameter_name}
        given = request.GET.lists()
        self.other_params = [
            (name, value) for name, values in given for value in values if name not in left_out
        ]
        self.value = self.parse(self.text) if self.text else None
        self.is_invalid = bool(self.text) and self.value is None

    def parse(self, text: str) -> Any:
        """Say what was typed, None where it means nothing."""
        raise NotImplementedError

    def apply(self, queryset: Any, value: Any) -> QuerySet[Any]:
        """Keep what is looked for."""
        raise NotImplementedError

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {"others": self.other_params}

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.is_invalid:
            return queryset.none()
        return queryset if self.value is None else self.apply(queryset, self.value)

    def expected_parameters(self) -> list[str]:
        return [self.parameter_name]
