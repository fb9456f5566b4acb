"""The log of what was offered: one row for every change of serving version, default or activity."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from registry.written_once import WrittenOnceModel, WrittenOnceQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from registry.models import RegisteredModel
    from registry.versions import ModelVersion


class PromotionQuerySet(WrittenOnceQuerySet):
    def served_at(self, moment: datetime) -> "PromotionQuerySet":
        """Find what served at a moment: for every model that was active, the row whose `to_version` it was."""
        # By key, not by time: verbs of one model queue up for a lock, clocks do not.
        earlier = self.filter(model=OuterRef("model"), at__lte=moment).order_by("-pk")
        latest_serve = earlier.filter(kind=Promotion.Kind.SERVE).values("pk")[:1]
        latest_activity = earlier.filter(kind__in=[Promotion.Kind.ACTIVATE, Promotion.Kind.DEACTIVATE]).values("kind")[
            :1
        ]
        return self.alias(activity=Subquery(latest_activity)).filter(
            Q(activity=None) | Q(activity=Promotion.Kind.ACTIVATE), pk=Subquery(latest_serve)
        )


class Promotion(WrittenOnceModel):
    """One change of what is offered: who, when, why, from which version to which."""

    class Kind(models.TextChoices):
        SERVE = "serve"
        MAKE_DEFAULT = "make_default"
        CLEAR_DEFAULT = "clear_default"
        ACTIVATE = "activate"
        DEACTIVATE = "deactivate"

    kind = models.CharField(max_length=20, choices=Kind)
    model = models.ForeignKey("registry.RegisteredModel", models.PROTECT, related_name="promotions")
    # Only `serve` moves from one version to another; the other kinds leave both empty.
    from_version = models.ForeignKey("registry.ModelVersion", models.PROTECT, null=True, related_name="+")
    to_version = models.ForeignKey("registry.ModelVersion", models.PROTECT, null=True, related_name="+")
    # Empty for a command; the address outlives the account.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_email = models.EmailField(blank=True)
    why = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="serve", to_version__isnull=False)
                | (~Q(kind="serve") & Q(from_version__isnull=True, to_version__isnull=True)),
                name="registry_only_serving_moves_between_versions",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["serve", "make_default", "clear_default", "activate", "deactivate"]),
                name="registry_promotion_is_of_a_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.to_version or self.model_id}"

    @classmethod
    def record(
        cls,
        kind: str,
        model: "RegisteredModel",
        *,
        by: "User | None",
        why: str,
        from_version: "ModelVersion | None" = None,
        to_version: "ModelVersion | None" = None,
    ) -> "Promotion":
        """Write one row, in the transaction of the change it tells of."""
        return cls.objects.create(
            kind=kind,
            model=model,
            from_version=from_version,
            to_version=to_version,
            by=by,
            by_email=by.email if by else "",
            why=why,
        )
