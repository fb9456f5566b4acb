"""The analyses of the last seven days, counted for a page of models in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from registry.models import ModelVersion, RegisteredModel

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """The number of analyses in the last seven days, and of those that were not NORMAL."""

    n: int = 0
    n_warning: int = 0
    n_critical: int = 0

    def __str__(self) -> str:
        return f"{self.n}" if self.n else "none"

    @property
    def alarms(self) -> str | None:
        """The shares of WARNING and CRITICAL."""
        if not self.n:
            return None
        return f"{self.n_warning / self.n:.0%} / {self.n_critical / self.n:.0%}"


def count_weeks(models: Iterable[RegisteredModel]) -> dict[str, Week]:
    """Count the last seven days of each model, by its id; those without analyses are left out."""
    now = timezone.now()
    recent = Q(analyses__created_at__range=(now - WEEK, now))
    # One join: the filter's rows are the rows that are counted.
    versions = ModelVersion.objects.filter(
        recent, registered_model__in=[model.pk for model in models]
    ).order_by()
    counts = versions.values("registered_model").annotate(
        n=Count("analyses"),
        n_warning=Count("analyses", filter=Q(analyses__label="WARNING")),
        n_critical=Count("analyses", filter=Q(analyses__label="CRITICAL")),
    )
    return {
        row["registered_model"]: Week(row["n"], row["n_warning"], row["n_critical"])
        for row in counts
    }
