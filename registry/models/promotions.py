"""The log of what was offered: one row for every change of serving version, default or activity."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.append_only import AppendOnlyModel, AppendOnlyQuerySet
from registry.signals import default_changed, publish_event, serving_changed

if TYPE_CHECKING:
    from accounts.models import User
    from registry.models import RegisteredModel
    from registry.models.versions import ModelVersion


class PromotionQuerySet(AppendOnlyQuerySet):
    def served_at(self, moment: datetime) -> "PromotionQuerySet":
        """Find what served at a moment: for every model that was active, the row whose `to_version` it was."""
        # By key, not by time: verbs of one model queue up for a lock, clocks do not.
        earlier = Promotion.objects.filter(model=OuterRef("pk"), at__lte=moment).order_by("-pk")
        # What kind__in implies of to_version is said too: by it SQLite recognises the index.
        latest_serve = earlier.filter(kind__in=SERVING_ACTIONS, to_version__isnull=False).values(
            "pk"
        )[:1]
        latest_activity = earlier.filter(kind__in=ACTIVITY_ACTIONS, to_version__isnull=True).values(
            "kind"
        )[:1]
        # One look into each of two indexes for every model; from the rows of the log it would be two for each of those.
        activity = Coalesce(
            Subquery(latest_activity), Value(Action.ACTIVATE)
        )  # a model begins active
        models = Promotion.model.field.related_model.objects.alias(activity=activity)  # type: ignore[attr-defined]
        was_active = models.filter(activity=Action.ACTIVATE)
        return self.filter(pk__in=was_active.order_by().values_list(Subquery(latest_serve)))


class Action(models.TextChoices):
    """What may be decided about a model: each is a verb of RegisteredModel, by the same name."""

    SERVE = "serve"
    ROLL_BACK = "roll_back"
    MAKE_DEFAULT = "make_default"
    CLEAR_DEFAULT = "clear_default"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    PROTECT = "protect"
    UNPROTECT = "unprotect"
    ARCHIVE = "archive"
    RESTORE = "restore"


SERVING_ACTIONS = (Action.SERVE, Action.ROLL_BACK)
ACTIVITY_ACTIONS = (Action.ACTIVATE, Action.DEACTIVATE)
ACTIONS_ON_VERSIONS = (*SERVING_ACTIONS, Action.ARCHIVE, Action.RESTORE)


class Promotion(AppendOnlyModel):
    """One change of what is offered: who, when, why, from which version to which."""

    kind = models.CharField(max_length=20, choices=Action)
    model = models.ForeignKey("registry.RegisteredModel", models.PROTECT, related_name="promotions")
    # What is archived leaves `from`, what is restored comes back as `to`; kinds about the model leave both empty.
    from_version = models.ForeignKey(
        "registry.ModelVersion", models.PROTECT, null=True, related_name="+"
    )
    to_version = models.ForeignKey(
        "registry.ModelVersion", models.PROTECT, null=True, related_name="+"
    )
    # Empty for a command. The address is the one of that day; who is in the log is deactivated, never deleted.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_email = models.EmailField(blank=True)
    # The second curator, where the model was protected.
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_by_email = models.EmailField(blank=True)
    approved_why = models.TextField(blank=True)
    why = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["serve", "roll_back", "restore"], to_version__isnull=False)
                | Q(kind="archive", from_version__isnull=False, to_version__isnull=True)
                | (
                    ~Q(kind__in=["serve", "roll_back", "archive", "restore"])
                    & Q(from_version=None, to_version=None)
                ),
                name="registry_promotion_names_its_versions",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Action.values), name="registry_promotion_is_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(by=None) | ~Q(approved_by=F("by")),
                name="registry_nobody_approves_oneself",
            ),
        ]
        indexes = [
            # The history of one model.
            models.Index(fields=["model", "-id"], name="registry_log_of_model"),
            # What served at a moment, past whatever else was decided about a model.
            models.Index(
                fields=["model", "-id", "at", "kind"],
                condition=Q(to_version__isnull=False),
                name="registry_moves_of_model",
            ),
            models.Index(
                fields=["model", "-id", "at", "kind"],
                condition=Q(to_version__isnull=True),
                name="registry_activity_of_model",
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
        why: str = "",
        approved_by: "User | None" = None,
        approved_why: str = "",
        from_version: "ModelVersion | None" = None,
        to_version: "ModelVersion | None" = None,
    ) -> "Promotion":
        """Write one row, in the transaction of the change it tells of, and announce the change."""
        promotion = cls.objects.create(
            kind=kind,
            model=model,
            from_version=from_version,
            to_version=to_version,
            by=by,
            by_email=by.email if by else "",
            approved_by=approved_by,
            approved_by_email=approved_by.email if approved_by else "",
            approved_why=approved_why,
            why=why,
        )
        if kind in SERVING_ACTIONS:
            publish_event(serving_changed, type(model), model=model, promotion=promotion)
        if kind in (Action.MAKE_DEFAULT, Action.CLEAR_DEFAULT):
            publish_event(default_changed, type(model), model=model, promotion=promotion)
        return promotion
