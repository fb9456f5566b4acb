"""A filter of admin lists by registered model."""

from typing import Any

from django.db.models import QuerySet

from core.admin.filters import InputFilter
from registry.models import RegisteredModel


def of_model(lookup: str) -> type[InputFilter]:
    """Make the filter by the id of a registered model, which these lookups lead to; a link each would be thousands."""

    class OfModel(InputFilter):
        title = "model"
        parameter_name = "model"
        error_message = "There is no model of this id."

        def parse(self, text: str) -> RegisteredModel | None:
            return RegisteredModel.objects.filter(pk=text).first() if text.isprintable() else None

        def apply(self, queryset: QuerySet[Any], value: RegisteredModel) -> QuerySet[Any]:
            return queryset.filter(**{lookup: value})

    return OfModel
