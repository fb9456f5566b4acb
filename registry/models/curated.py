"""What a curator decides about a model, and the columns that only these decisions write."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self, Unpack

from django.db import models, transaction
from django.db.models.functions import Cast, Substr

from core.verbs import alters_data
from registry.errors import (
    DecisionRefused,
    ModelInactive,
    ModelProtected,
    NoServingVersion,
    NothingToRollBackTo,
    VersionArchived,
    VersionOfAnotherModel,
    VersionServes,
)
from registry.models.machine_types import MachineType
from registry.models.promotions import (
    ACTIONS_ON_VERSIONS,
    SERVING_ACTIONS,
    Action,
    Attribution,
    Promotion,
)
from registry.models.proposals import Proposal
from registry.models.versions import ModelVersion
from registry.names import type_validator
from registry.signals import default_changed, publish_event, serving_changed

if TYPE_CHECKING:
    from accounts.models import User

# The column and the value that an action on a whole model writes.
COLUMNS = {
    Action.MAKE_DEFAULT: ("is_default", True),
    Action.CLEAR_DEFAULT: ("is_default", False),
    Action.ACTIVATE: ("is_active", True),
    Action.DEACTIVATE: ("is_active", False),
    Action.PROTECT: ("is_protected", True),
    Action.UNPROTECT: ("is_protected", False),
}


class Curated(models.Model):
    """The columns that decisions write or depend on, and one method for each action.

    Each of them returns its row of the log, or None where nothing had to change.
    """

    type = models.CharField(max_length=60, validators=[type_validator], editable=False)
    # Computed by the database from the type, which begins with it: the two always agree.
    level = models.GeneratedField(
        expression=Cast(Substr("type", 6, 1), models.PositiveSmallIntegerField()),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    machine_type = models.ForeignKey(
        MachineType, models.PROTECT, related_name="models", editable=False
    )
    is_active = models.BooleanField("active", default=True, editable=False)
    is_default = models.BooleanField("default", default=False, editable=False)
    is_protected = models.BooleanField("protected", default=False, editable=False)
    serving_version = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        abstract = True

    # State

    def get_version_to_serve(self) -> ModelVersion:
        """Return the serving version; refuse where the model is inactive or serves nothing."""
        if not self.is_active:
            raise ModelInactive(f"Model {self.pk} is not active.")
        return self.get_serving_version()

    def get_serving_version(self) -> ModelVersion:
        """Return the serving version, whether or not the model is active."""
        if self.serving_version is None:
            raise NoServingVersion(f"Model {self.pk} has no serving version.")
        return self.serving_version

    def find_current_default(self) -> Self | None:
        """Return the default of this machine type and level."""
        rivals = type(self)._default_manager.filter(
            machine_type=self.machine_type_id, level=self.level, is_default=True
        )
        return rivals.select_related("serving_version").first()

    def find_rollback_target(self, newest: Sequence[Promotion] = ()) -> ModelVersion | None:
        """Return the version that served before the present one was put in its place.

        newest: the last rows of the log, where the caller has read them already.
        """
        log = Promotion.objects.filter(model=self.pk)
        return log.find_rollback_target(newest)

    # What may be decided

    def would_change(self, action: str, version: ModelVersion | None = None) -> bool:
        """Return whether this action would change anything, allowed or not."""
        if action not in ACTIONS_ON_VERSIONS:
            column, value = COLUMNS[Action(action)]
            return getattr(self, column) is not value

        if action == Action.ROLL_BACK:
            version = version or self.find_rollback_target()
        if version is None:
            return False
        if action in SERVING_ACTIONS:
            return version.pk != self.serving_version_id
        return version.is_archived is (action == Action.RESTORE)

    def check_allowed(self, action: str, version: ModelVersion | None = None) -> None:
        """Raise DecisionRefused, with the reason, where this action is impossible now."""
        if action == Action.MAKE_DEFAULT:
            self.get_version_to_serve()
        if action == Action.ROLL_BACK:
            version = self._get_rollback_target(version)
        if version is not None:
            self._check_version(action, version)

    def is_allowed(self, action: str, version: ModelVersion | None = None) -> bool:
        """Return whether this action is possible now."""
        try:
            self.check_allowed(action, version)
        except DecisionRefused:
            return False
        return True

    def needs_approval(self, action: str) -> bool:
        """Return whether this changes a protected model, or takes the default from one."""
        if self.is_protected:
            return action != Action.PROTECT
        if action != Action.MAKE_DEFAULT:
            return False
        rival = self.find_current_default()
        return rival is not None and rival.is_protected

    def check_proposable(self, action: str, version: ModelVersion | None = None) -> None:
        """Refuse to propose what no other decision can make possible: a roll back to nothing."""
        if action == Action.ROLL_BACK:
            self._get_rollback_target(version)

    def is_worth_proposing(self, action: str, version: ModelVersion | None = None) -> bool:
        """Return whether a second curator could be asked for this."""
        # What is impossible now may become possible: a version is to serve first and then to be
        # the default, and both wait for approval.
        return not self.is_allowed(action, version) or self.would_change(action, version)

    def check_unprotected(self) -> None:
        """Refuse, under the machine type's lock, a change that cannot be proposed."""
        self.refresh_from_db(fields=["is_protected"])
        if self.is_protected:
            raise ModelProtected(
                f"Model {self.pk} is protected. Remove the protection first; "
                "another curator has to approve that."
            )

    def _check_version(self, action: str, version: ModelVersion) -> None:
        if version.registered_model_id != self.pk:
            raise VersionOfAnotherModel(f"Version {version} does not belong to {self.pk}.")
        if action == Action.ARCHIVE and version.pk == self.serving_version_id:
            raise VersionServes(f"Version {version} is serving: serve another version first.")
        if action in SERVING_ACTIONS and version.is_archived:
            raise VersionArchived(f"Version {version} is archived: restore it first.")

    def _get_rollback_target(self, expected: ModelVersion | None) -> ModelVersion:
        """Return the version to roll back to; refuse another one than the expected."""
        target = self.find_rollback_target()
        if target is None:
            raise NothingToRollBackTo(self._explain_missing_target())
        if expected not in (None, target):
            raise NothingToRollBackTo(
                f"Meanwhile {target} is the version that served before. Look again."
            )
        return target

    def _explain_missing_target(self) -> str:
        if self.serving_version is None:
            return f"No version of {self.pk} has served yet."
        return (
            f"No other version of {self.pk} served before v{self.serving_version.number}. "
            "To return to a version that served later, serve it."
        )

    # Deciding

    @alters_data
    @transaction.atomic
    def decide(
        self,
        action: str,
        version: ModelVersion | None = None,
        *,
        by: "User | None",
        why: str = "",
    ) -> Promotion | Proposal | None:
        """Apply the action, or propose it where a second curator has to approve.

        None: nothing would change, or the same proposal is waiting already.
        """
        self._lock()
        if not self.needs_approval(action):
            return self.apply(action, version, by=by, why=why)

        if version is not None:
            # As it is under the lock, not as the caller read it.
            version.refresh_from_db()
        self.check_proposable(action, version)
        if not self.is_worth_proposing(action, version):
            return None
        return Proposal.record(action, self.pk, version, by=by, why=why)

    @alters_data
    def apply(
        self,
        action: str,
        version: ModelVersion | None = None,
        **attribution: Unpack[Attribution],
    ) -> Promotion | None:
        """Call the method of this name."""
        method = getattr(self, Action(action))
        arguments = [version] if action in ACTIONS_ON_VERSIONS else []
        promotion: Promotion | None = method(*arguments, **attribution)
        return promotion

    @alters_data
    @transaction.atomic
    def serve(self, version: ModelVersion, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Answer with this version from now on."""
        if not self._begin(Action.SERVE, attribution, version):
            return None
        return self._set_serving_version(version, Action.SERVE, attribution)

    @alters_data
    @transaction.atomic
    def roll_back(
        self, version: ModelVersion | None = None, **attribution: Unpack[Attribution]
    ) -> Promotion | None:
        """Serve the version again that served before; a named version must be that one."""
        if not self._begin(Action.ROLL_BACK, attribution, version):
            return None
        target = version or self.find_rollback_target()
        return self._set_serving_version(target, Action.ROLL_BACK, attribution)

    @alters_data
    @transaction.atomic
    def make_default(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Offer this model first for its machine type and level, in place of the default."""
        if not self._begin(Action.MAKE_DEFAULT, attribution):
            return None

        # Demote first: the partial index is checked per statement, not at commit.
        if previous := self.find_current_default():
            reason: Attribution = {**attribution, "why": f"{self} becomes the default"}
            previous._write(Action.CLEAR_DEFAULT, reason)
        return self._write(Action.MAKE_DEFAULT, attribution)

    @alters_data
    @transaction.atomic
    def clear_default(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Stop offering this model first; no other takes its place."""
        if not self._begin(Action.CLEAR_DEFAULT, attribution):
            return None
        return self._write(Action.CLEAR_DEFAULT, attribution)

    @alters_data
    @transaction.atomic
    def activate(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Offer this model in the app."""
        if not self._begin(Action.ACTIVATE, attribution):
            return None
        return self._write(Action.ACTIVATE, attribution)

    @alters_data
    @transaction.atomic
    def deactivate(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Stop offering this model; a default stops being the default first."""
        if not self._begin(Action.DEACTIVATE, attribution):
            return None
        if self.is_default:
            self._write(Action.CLEAR_DEFAULT, attribution)
        return self._write(Action.DEACTIVATE, attribution)

    @alters_data
    @transaction.atomic
    def protect(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Require a second curator's approval for every later change."""
        if not self._begin(Action.PROTECT, attribution):
            return None
        return self._write(Action.PROTECT, attribution)

    @alters_data
    @transaction.atomic
    def unprotect(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Let one curator decide again."""
        if not self._begin(Action.UNPROTECT, attribution):
            return None
        return self._write(Action.UNPROTECT, attribution)

    @alters_data
    @transaction.atomic
    def archive(
        self, version: ModelVersion, **attribution: Unpack[Attribution]
    ) -> Promotion | None:
        """Exclude a version from serving; its files and its history stay."""
        if not self._begin(Action.ARCHIVE, attribution, version):
            return None
        version.mark_archived()
        return self._record(Action.ARCHIVE, attribution, from_version=version)

    @alters_data
    @transaction.atomic
    def restore(
        self, version: ModelVersion, **attribution: Unpack[Attribution]
    ) -> Promotion | None:
        """Let an archived version serve again."""
        if not self._begin(Action.RESTORE, attribution, version):
            return None
        version.mark_restored()
        return self._record(Action.RESTORE, attribution, to_version=version)

    def _lock(self) -> None:
        """Wait for other decisions on this machine type, then read the row as they left it."""
        # One shared row, always locked first: promotions of two models cannot cross or deadlock.
        MachineType.objects.lock(self.machine_type_id)
        self.refresh_from_db()

    def _begin(
        self, action: Action, attribution: Attribution, version: ModelVersion | None = None
    ) -> bool:
        """Lock, refuse what is not allowed, and return whether anything would change."""
        self._lock()
        if version is not None:
            version.refresh_from_db()

        is_approved = attribution.get("approved_by") not in (None, attribution["by"])
        if self.needs_approval(action) and not is_approved:
            protected = self if self.is_protected else self.find_current_default()
            raise ModelProtected(
                f"Model {protected} is protected. Propose the change; "
                "another curator has to approve it."
            )
        self.check_allowed(action, version)
        return self.would_change(action, version)

    def _set_serving_version(
        self, version: ModelVersion | None, action: Action, attribution: Attribution
    ) -> Promotion:
        previous = self.serving_version
        self.serving_version = version
        self.save(update_fields=["serving_version"])
        return self._record(action, attribution, from_version=previous, to_version=version)

    def _write(self, action: Action, attribution: Attribution) -> Promotion:
        """Write the column of an action on the whole model, and its row of the log."""
        column, value = COLUMNS[action]
        setattr(self, column, value)
        self.save(update_fields=[column])
        return self._record(action, attribution)

    def _record(
        self,
        action: Action,
        attribution: Attribution,
        *,
        from_version: ModelVersion | None = None,
        to_version: ModelVersion | None = None,
    ) -> Promotion:
        """Write the row of the log, in the transaction of the change, and publish the event."""
        promotion = Promotion.record(
            action, self.pk, attribution, from_version=from_version, to_version=to_version
        )
        if action in SERVING_ACTIONS:
            publish_event(serving_changed, type(self), model=self, promotion=promotion)
        if action in (Action.MAKE_DEFAULT, Action.CLEAR_DEFAULT):
            publish_event(default_changed, type(self), model=self, promotion=promotion)
        return promotion
