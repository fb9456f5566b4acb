"""A filter of admin lists by registered model."""

from typing import Any

from django.db.models import QuerySet

from core.admin.filters import InputFilter
from registry.models import RegisteredModel


class RegisteredModelFilter(InputFilter):
    """The id of a registered model, typed in: a link for each would be thousands.

    A subclass says in `lookup` how its rows lead to the model.
    """

    title = "model"
    parameter_name = "model"
    error_message = "There is no model with this id."
    lookup: str

    def parse(self, text: str) -> RegisteredModel | None:
        return RegisteredModel.objects.filter(pk=text).first() if text.isprintable() else None

    def apply(self, queryset: QuerySet[Any], value: RegisteredModel) -> QuerySet[Any]:
        return queryset.filter(**{self.lookup: value})
