"""The log of decisions: one row for every change of what the app offers."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Required, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.append_only import AppendOnlyModel, AppendOnlyQuerySet
from core.triggers import Guard
from registry.models.versions import ModelVersion

if TYPE_CHECKING:
    from accounts.models import User

MAX_REASON_LENGTH = 500
# The newest rows of the log nearly always hold the version to roll back to.
LOG_CHUNK = 20


class Action(models.TextChoices):
    """What may be decided about a model: each is a method of RegisteredModel by this name."""

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


class Attribution(TypedDict, total=False):
    """Who decides (None: a command), why, and which second curator approved it and why."""

    by: Required["User | None"]
    why: str
    approved_by: "User | None"
    approved_why: str


class PromotionQuerySet(AppendOnlyQuerySet["Promotion"]):
    def find_rollback_target(self, newest: Sequence["Promotion"] = ()) -> ModelVersion | None:
        """Return, from the log of one model, the version that served before the present one.

        newest: the last rows of this log, where the caller has read them already.
        """
        n_rolled_back = 0
        for row in chain(newest, self._read_serving_rows(before=newest)):
            # Each roll back undoes the newest serve that is not undone yet.
            if row.kind == Action.ROLL_BACK:
                n_rolled_back += 1
            elif row.kind == Action.SERVE and n_rolled_back:
                n_rolled_back -= 1
            elif row.kind == Action.SERVE:
                return row.from_version
        return None

    def _read_serving_rows(self, *, before: Sequence["Promotion"]) -> Iterator["Promotion"]:
        rows = self.filter(kind__in=SERVING_ACTIONS, to_version__isnull=False)
        if before:
            rows = rows.filter(pk__lt=before[-1].pk)
        yield from rows.select_related("from_version").order_by("-pk").iterator(LOG_CHUNK)


class Promotion(AppendOnlyModel):
    """One decision: who, when, why, from which version to which."""

    kind = models.CharField(max_length=20, choices=Action)
    model = models.ForeignKey("registry.RegisteredModel", models.PROTECT, related_name="promotions")
    # An archived version is `from`, a restored one is `to`; about the model as a whole: neither.
    from_version = models.ForeignKey(
        "registry.ModelVersion", models.PROTECT, null=True, related_name="+"
    )
    to_version = models.ForeignKey(
        "registry.ModelVersion", models.PROTECT, null=True, related_name="+"
    )
    # Null for a command. The address is that of the day; users are deactivated, never deleted.
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

    objects: ClassVar = PromotionQuerySet.as_manager()
    guard = Guard()

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
            # Which version served at a moment, whatever else was decided about the model.
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
        action: Action,
        model_id: str,
        attribution: Attribution,
        *,
        from_version: ModelVersion | None = None,
        to_version: ModelVersion | None = None,
    ) -> "Promotion":
        """Write one row, in the transaction of the change that it records."""
        by = attribution["by"]
        approved_by = attribution.get("approved_by")
        return cls.objects.create(
            kind=action,
            model_id=model_id,
            from_version=from_version,
            to_version=to_version,
            by=by,
            by_email=by.email if by else "",
            why=attribution.get("why", ""),
            approved_by=approved_by,
            approved_by_email=approved_by.email if approved_by else "",
            approved_why=attribution.get("approved_why", ""),
        )
