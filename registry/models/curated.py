"""What may be decided about a registered model: each verb locks, looks, writes one column and one row of the log."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

from django.db import models, transaction

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
from registry.models.promotions import ACTIONS_ON_VERSIONS, SERVING_ACTIONS, Action, Promotion
from registry.models.proposals import Proposal
from registry.models.versions import ModelVersion

if TYPE_CHECKING:
    from accounts.models import User

# Nearly always the newest tells which version served before.
LOG_CHUNK = 20


class Attribution(TypedDict, total=False):
    """Who decides (nobody: a command), why, and which second curator approved."""

    by: Required["User | None"]
    why: str
    approved_by: "User | None"
    approved_why: str


# What the kinds that are about the model as a whole write.
COLUMNS = {
    Action.MAKE_DEFAULT: ("is_default", True),
    Action.CLEAR_DEFAULT: ("is_default", False),
    Action.ACTIVATE: ("is_active", True),
    Action.DEACTIVATE: ("is_active", False),
    Action.PROTECT: ("is_protected", True),
    Action.UNPROTECT: ("is_protected", False),
}


class Curated(models.Model):
    """The verbs of a registered model; each returns its row of the log, None where nothing had to change."""

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        level: int
        machine_type_id: str
        is_active: models.BooleanField[bool, bool]
        is_default: models.BooleanField[bool, bool]
        is_protected: models.BooleanField[bool, bool]
        serving_version: Any
        serving_version_id: int | None
        promotions: Any

    def get_version_to_serve(self) -> ModelVersion:
        """Answer with the serving version, or with why there is none to be had."""
        if not self.is_active:
            raise ModelInactive(f"Model {self.pk} is not active.")
        return self.get_serving_version()

    def get_serving_version(self) -> ModelVersion:
        """Answer with the serving version, whether or not the model is active."""
        if self.serving_version is None:
            raise NoServingVersion(f"Model {self.pk} has no serving version.")
        version: ModelVersion = self.serving_version
        return version

    @transaction.atomic
    def decide(
        self, kind: str, version: ModelVersion | None = None, *, by: "User | None", why: str = ""
    ) -> Promotion | Proposal | None:
        """Do it; or, where a second curator has to approve, propose it.

        None: nothing would change, or the very same waits already.
        """
        self._lock()
        if not self.needs_approval(kind):
            return self.apply(kind, version, by=by, why=why)
        return (
            Proposal.make(kind, self, version, by=by, why=why)
            if self.is_worth_proposing(kind, version)
            else None
        )

    def apply(
        self, kind: str, version: ModelVersion | None = None, **attribution: Unpack[Attribution]
    ) -> Promotion | None:
        """Call the verb of this kind."""
        about = [version] if kind in ACTIONS_ON_VERSIONS else []
        promotion: Promotion | None = getattr(self, kind)(*about, **attribution)
        return promotion

    def is_worth_proposing(self, kind: str, version: ModelVersion | None = None) -> bool:
        """Tell whether a second curator could be asked for this: not for what is so already."""
        try:
            return self.would_change(kind, version)
        except NothingToRollBackTo:
            # Nobody takes back what did not serve yet.
            raise
        except DecisionRefused:
            # It may be possible once what else waits is approved: a version is to serve first, and be the default then.
            return True

    def would_change(self, kind: str, version: ModelVersion | None = None) -> bool:
        """Tell whether this would change anything as things are; Refused says why it may not be done.

        Every verb asks, and so does whoever wants to know before.
        """
        if kind in ACTIONS_ON_VERSIONS:
            return self._would_change_version(kind, version)
        if kind == Action.MAKE_DEFAULT:
            self.get_version_to_serve()
        name, value = COLUMNS[Action(kind)]
        return getattr(self, name) is not value

    def needs_approval(self, kind: str) -> bool:
        """Whether this would change a protected model, or take the default from one."""
        if self.is_protected:
            return kind != Action.PROTECT
        if kind != Action.MAKE_DEFAULT:
            return False
        rival = self.find_current_default()
        return rival is not None and bool(rival.is_protected)

    def check_unprotected(self) -> None:
        """Refuse, under the machine type's lock, what one person does to the model and nobody can propose."""
        self.refresh_from_db(fields=["is_protected"])
        if self.is_protected:
            raise ModelProtected(
                f"Model {self.pk} is protected: have the protection taken off first, which another curator approves."
            )

    def find_current_default(self) -> "Curated | None":
        """Find the model that is offered first for this machine type and level."""
        same = type(self)._default_manager.filter(
            machine_type_id=self.machine_type_id, level=self.level
        )
        return same.filter(is_default=True).select_related("serving_version").first()

    def find_rollback_target(self, newest: Sequence[Promotion] = ()) -> ModelVersion | None:
        """Find the version that served before the present one was put in its place.

        newest: the last rows of the log, where they were read already.
        """
        n_taken_back = 0
        for row in chain(newest, self._moves_before(newest)):
            # A roll back takes back the newest serve that was not taken back yet.
            if row.kind == Action.ROLL_BACK:
                n_taken_back += 1
            elif row.kind == Action.SERVE and n_taken_back:
                n_taken_back -= 1
            elif row.kind == Action.SERVE:
                before: ModelVersion | None = row.from_version
                return before
        return None

    def _moves_before(self, newer: Sequence[Promotion]) -> Iterator[Promotion]:
        older = {"pk__lt": newer[-1].pk} if newer else {}
        moves = self.promotions.filter(kind__in=SERVING_ACTIONS, to_version__isnull=False, **older)
        yield from moves.select_related("from_version").order_by("-pk").iterator(LOG_CHUNK)

    @transaction.atomic
    def serve(self, version: ModelVersion, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Answer with this version from now on."""
        return (
            self._move_to(version, Action.SERVE, attribution)
            if self._begin(Action.SERVE, attribution, version)
            else None
        )

    @transaction.atomic
    def roll_back(
        self, version: ModelVersion | None = None, **attribution: Unpack[Attribution]
    ) -> Promotion | None:
        """Put the version back that served before; where one is named, only if it is that one."""
        has_begun = self._begin(Action.ROLL_BACK, attribution, version)
        return (
            self._move_to(version or self.find_rollback_target(), Action.ROLL_BACK, attribution)
            if has_begun
            else None
        )

    @transaction.atomic
    def make_default(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Offer this model first for its machine type and level, in place of the current default."""
        if not self._begin(Action.MAKE_DEFAULT, attribution):
            return None
        # Demote first: the partial index is checked per statement, not at commit.
        if previous := self.find_current_default():
            previous._set(
                Action.CLEAR_DEFAULT, attribution | {"why": f"{self} becomes the default"}
            )
        return self._set(Action.MAKE_DEFAULT, attribution)

    @transaction.atomic
    def clear_default(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Offer this model first no more, and no other in its place."""
        return (
            self._set(Action.CLEAR_DEFAULT, attribution)
            if self._begin(Action.CLEAR_DEFAULT, attribution)
            else None
        )

    @transaction.atomic
    def activate(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Offer this model to the app."""
        return (
            self._set(Action.ACTIVATE, attribution)
            if self._begin(Action.ACTIVATE, attribution)
            else None
        )

    @transaction.atomic
    def deactivate(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Offer this model no more; a default gives that up first."""
        if not self._begin(Action.DEACTIVATE, attribution):
            return None
        if self.is_default:
            self._set(Action.CLEAR_DEFAULT, attribution)
        return self._set(Action.DEACTIVATE, attribution)

    @transaction.atomic
    def protect(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Let nothing change from now on that a second curator has not approved."""
        return (
            self._set(Action.PROTECT, attribution)
            if self._begin(Action.PROTECT, attribution)
            else None
        )

    @transaction.atomic
    def unprotect(self, **attribution: Unpack[Attribution]) -> Promotion | None:
        """Let one curator decide again."""
        return (
            self._set(Action.UNPROTECT, attribution)
            if self._begin(Action.UNPROTECT, attribution)
            else None
        )

    @transaction.atomic
    def archive(
        self, version: ModelVersion, **attribution: Unpack[Attribution]
    ) -> Promotion | None:
        """Take a version out of what can be served; its bytes and its history stay."""
        if not self._begin(Action.ARCHIVE, attribution, version):
            return None
        version.mark_archived()
        return Promotion.record(Action.ARCHIVE, self, from_version=version, **attribution)

    @transaction.atomic
    def restore(
        self, version: ModelVersion, **attribution: Unpack[Attribution]
    ) -> Promotion | None:
        """Make an archived version servable again."""
        if not self._begin(Action.RESTORE, attribution, version):
            return None
        version.mark_restored()
        return Promotion.record(Action.RESTORE, self, to_version=version, **attribution)

    def _lock(self) -> None:
        """Queue up behind other verbs of this machine type, then look at the row as they left it."""
        # One shared row, always the first that is locked: promotions of two models cannot cross or deadlock.
        MachineType.objects.lock(self.machine_type_id)
        self.refresh_from_db()

    def _begin(
        self, kind: str, attribution: Attribution, version: ModelVersion | None = None
    ) -> bool:
        """Look, under the lock, whether this may be done and would change anything."""
        self._lock()
        is_approved = attribution.get("approved_by") not in (None, attribution["by"])
        if self.needs_approval(kind) and not is_approved:
            raise ModelProtected(
                f"Model {self.pk} is protected, or the default is: propose it, and another curator approves."
            )
        return self.would_change(kind, version)

    def _would_change_version(self, kind: str, version: ModelVersion | None) -> bool:
        if kind == Action.ROLL_BACK:
            version = self._check_before(version)
        assert version is not None, "These kinds are about a version."
        version.refresh_from_db()
        if version.registered_model_id != self.pk:
            raise VersionOfAnotherModel(f"Version {version} is not one of {self.pk}.")
        if kind == Action.RESTORE:
            return version.is_archived
        if kind == Action.ARCHIVE and version.pk == self.serving_version_id:
            raise VersionServes(f"Version {version} serves: serve another one first.")
        if kind == Action.ARCHIVE:
            return not version.is_archived
        if version.is_archived:
            raise VersionArchived(f"Version {version} is archived: restore it first.")
        return bool(version.pk != self.serving_version_id)

    def _check_before(self, version: ModelVersion | None) -> ModelVersion:
        """Answer with the version to roll back to; where one is meant, it must be that one."""
        before = self.find_rollback_target()
        if before is None:
            raise NothingToRollBackTo(self._why_nothing_is_before())
        if version not in (None, before):
            raise NothingToRollBackTo(
                f"By now {before} is the version that served before: look again."
            )
        return before

    def _why_nothing_is_before(self) -> str:
        if self.serving_version is None:
            return f"No version of {self.pk} has served yet."
        return (
            f"No other version of {self.pk} served before v{self.serving_version.number}. "
            "One that served after it is put back by serving it."
        )

    def _move_to(
        self, version: ModelVersion | None, kind: str, attribution: Attribution
    ) -> Promotion:
        previous, self.serving_version = self.serving_version, version
        self.save(update_fields=["serving_version"])
        return Promotion.record(
            kind, self, from_version=previous, to_version=version, **attribution
        )

    def _set(self, kind: str, attribution: Attribution) -> Promotion:
        name, value = COLUMNS[Action(kind)]
        setattr(self, name, value)
        self.save(update_fields=[name])
        return Promotion.record(kind, self, **attribution)


for _verb in [Curated.decide, Curated.apply, *(getattr(Curated, kind) for kind in Action.values)]:
    _verb.alters_data = True
