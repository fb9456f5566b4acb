"""A filter of admin lists by registered model."""

from typing import Any

from django.db.models import QuerySet

from core.admin.filters import TypedFilter
from registry.models import RegisteredModel


def of_model(lookup: str) -> type[TypedFilter]:
    """Make the filter by the id of a registered model, which these lookups lead to; a link each would be thousands."""

    class OfModel(TypedFilter):
        title = "model"
        parameter_name = "model"
        unclear = "There is no model of this id."

        def mean(self, asked: str) -> RegisteredModel | None:
            return RegisteredModel.objects.filter(pk=asked).first() if asked.isprintable() else None

        def narrow(self, queryset: QuerySet[Any], meant: RegisteredModel) -> QuerySet[Any]:
            return queryset.filter(**{lookup: meant})

    return OfModel
