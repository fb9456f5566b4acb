"""What a page of models tells beside their own columns: two questions, however many models are on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from registry.models import ModelVersion, RegisteredModel

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """Analyses of the last seven days, and how many of them were not NORMAL."""

    n: int = 0
    n_warning: int = 0
    n_critical: int = 0

    def __str__(self) -> str:
        return f"{self.n}" if self.n else "none"

    @property
    def alarms(self) -> str | None:
        """The shares of WARNING and CRITICAL."""
        return f"{self.n_warning / self.n:.0%} / {self.n_critical / self.n:.0%}" if self.n else None


def last_trained(models: Iterable[RegisteredModel]) -> dict[str, datetime]:
    """When the newest version of each model was made."""
    versions = ModelVersion.objects.filter(registered_model__in=[model.pk for model in models])
    return dict(versions.order_by().values_list("registered_model").annotate(Max("created_at")))


def weeks(models: Iterable[RegisteredModel]) -> dict[str, Week]:
    """The last seven days of each model that was asked."""
    recent = Q(analyses__created_at__gte=timezone.now() - WEEK)
    # Joined once: what is counted is what was filtered.
    versions = ModelVersion.objects.filter(recent, registered_model__in=[model.pk for model in models]).order_by()
    counts = versions.values("registered_model").annotate(
        n=Count("analyses"),
        n_warning=Count("analyses", filter=Q(analyses__label="WARNING")),
        n_critical=Count("analyses", filter=Q(analyses__label="CRITICAL")),
    )
    return {row.pop("registered_model"): Week(**row) for row in counts}


def metric(version: ModelVersion | None, name: str) -> Any:
    """A metric to three digits, None where it is not known."""
    value = version.metrics.get(name) if version else None
    return f"{value:.3f}" if isinstance(value, float | int) and not isinstance(value, bool) else None
