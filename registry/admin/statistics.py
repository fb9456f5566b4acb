"""What a page of models tells of their last days: one question, however many models are on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
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


def weeks(models: Iterable[RegisteredModel]) -> dict[str, Week]:
    """The last seven days of each model that was asked."""
    recent = Q(analyses__created_at__gte=timezone.now() - WEEK)
    # Joined once: what is counted is what was filtered.
    versions = ModelVersion.objects.filter(
        recent, registered_model__in=[model.pk for model in models]
    ).order_by()
    counts = versions.values("registered_model").annotate(
        n=Count("analyses"),
        n_warning=Count("analyses", filter=Q(analyses__label="WARNING")),
        n_critical=Count("analyses", filter=Q(analyses__label="CRITICAL")),
    )
    return {row.pop("registered_model"): Week(**row) for row in counts}
