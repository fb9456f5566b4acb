"""What may be decided about a registered model: each verb locks, looks, writes one column and one row of the log."""

from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

from django.db import models, transaction

from registry.errors import (
    ModelInactive,
    ModelProtected,
    NoServingVersion,
    NothingToRollBackTo,
    VersionArchived,
    VersionOfAnotherModel,
    VersionServes,
)
from registry.machine_types import MachineType
from registry.promotions import ABOUT_A_VERSION, Kind, Promotion
from registry.proposals import Proposal
from registry.versions import ModelVersion

if TYPE_CHECKING:
    from accounts.models import User


class Said(TypedDict, total=False):
    """Who decides (nobody: a command), why, and which second curator approved."""

    by: Required["User | None"]
    why: str
    approved_by: "User | None"


class Verbs(models.Model):
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

    def version_to_serve(self) -> ModelVersion:
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
        """Do it; or, where a second curator has to approve, propose it."""
        self._lock()
        if self.needs_approval(kind):
            return Proposal.make(kind, self, version, by=by, why=why)
        return self.carry_out(kind, version, by=by, why=why)

    def carry_out(self, kind: str, version: ModelVersion | None = None, **said: Unpack[Said]) -> Promotion | None:
        """Call the verb of this kind."""
        about = [version] if kind in ABOUT_A_VERSION else []
        promotion: Promotion | None = getattr(self, kind)(*about, **said)
        return promotion

    def needs_approval(self, kind: str) -> bool:
        """Whether this would change a protected model, or take the default from one."""
        if self.is_protected:
            return kind != Kind.PROTECT
        if kind != Kind.MAKE_DEFAULT:
            return False
        rival = self.current_default()
        return rival is not None and bool(rival.is_protected)

    def check_unprotected(self) -> None:
        """Refuse, under the machine type's lock, what one person does to the model and nobody can propose."""
        self.refresh_from_db(fields=["is_protected"])
        if self.is_protected:
            raise ModelProtected(
                f"Model {self.pk} is protected: have the protection taken off first, which another curator approves."
            )

    def current_default(self) -> "Verbs | None":
        """Find the model that is offered first for this machine type and level."""
        same = type(self)._default_manager.filter(machine_type_id=self.machine_type_id, level=self.level)
        return same.filter(is_default=True).select_related("serving_version").first()

    def version_before(self) -> ModelVersion | None:
        """Find the version that served before the present one was put in its place."""
        served = self.promotions.filter(kind=Kind.SERVE, to_version_id=self.serving_version_id)
        put_in_place = served.select_related("from_version").first()
        return put_in_place.from_version if put_in_place else None

    @transaction.atomic
    def serve(self, version: ModelVersion, **said: Unpack[Said]) -> Promotion | None:
        """Answer with this version from now on."""
        self._begin(Kind.SERVE, said)
        return self._move_to(version, Kind.SERVE, said)

    @transaction.atomic
    def roll_back(self, version: ModelVersion | None = None, **said: Unpack[Said]) -> Promotion | None:
        """Put the version back that served before; where one is named, only if it is that one."""
        self._begin(Kind.ROLL_BACK, said)
        before = self.version_before()
        if before is None:
            raise NothingToRollBackTo(f"No other version of {self.pk} served before.")
        if version not in (None, before):
            raise NothingToRollBackTo(f"By now {before} is the version that served before: look again.")
        return self._move_to(before, Kind.ROLL_BACK, said)

    @transaction.atomic
    def make_default(self, **said: Unpack[Said]) -> Promotion | None:
        """Offer this model first for its machine type and level, in place of the current default."""
        self._begin(Kind.MAKE_DEFAULT, said)
        self.version_to_serve()
        if self.is_default:
            return None
        # Demote first: the partial index is checked per statement, not at commit.
        if previous := self.current_default():
            previous._set(Kind.CLEAR_DEFAULT, said | {"why": f"{self} becomes the default"}, is_default=False)
        return self._set(Kind.MAKE_DEFAULT, said, is_default=True)

    @transaction.atomic
    def clear_default(self, **said: Unpack[Said]) -> Promotion | None:
        """Offer this model first no more, and no other in its place."""
        self._begin(Kind.CLEAR_DEFAULT, said)
        return self._set(Kind.CLEAR_DEFAULT, said, is_default=False)

    @transaction.atomic
    def activate(self, **said: Unpack[Said]) -> Promotion | None:
        """Offer this model to the app."""
        self._begin(Kind.ACTIVATE, said)
        return self._set(Kind.ACTIVATE, said, is_active=True)

    @transaction.atomic
    def deactivate(self, **said: Unpack[Said]) -> Promotion | None:
        """Offer this model no more; a default gives that up first."""
        self._begin(Kind.DEACTIVATE, said)
        self._set(Kind.CLEAR_DEFAULT, said, is_default=False)
        return self._set(Kind.DEACTIVATE, said, is_active=False)

    @transaction.atomic
    def protect(self, **said: Unpack[Said]) -> Promotion | None:
        """Let nothing change from now on that a second curator has not approved."""
        self._begin(Kind.PROTECT, said)
        return self._set(Kind.PROTECT, said, is_protected=True)

    @transaction.atomic
    def unprotect(self, **said: Unpack[Said]) -> Promotion | None:
        """Let one curator decide again."""
        self._begin(Kind.UNPROTECT, said)
        return self._set(Kind.UNPROTECT, said, is_protected=False)

    @transaction.atomic
    def archive(self, version: ModelVersion, **said: Unpack[Said]) -> Promotion | None:
        """Take a version out of what can be served; its bytes and its history stay."""
        self._begin(Kind.ARCHIVE, said)
        self._check_own(version)
        if version.pk == self.serving_version_id:
            raise VersionServes(f"Version {version} serves: serve another one first.")
        return Promotion.record(Kind.ARCHIVE, self, from_version=version, **said) if version.shelve() else None

    @transaction.atomic
    def restore(self, version: ModelVersion, **said: Unpack[Said]) -> Promotion | None:
        """Make an archived version servable again."""
        self._begin(Kind.RESTORE, said)
        self._check_own(version)
        return Promotion.record(Kind.RESTORE, self, to_version=version, **said) if version.unshelve() else None

    def _lock(self) -> None:
        """Queue up behind other verbs of this machine type, then look at the row as they left it."""
        # One shared row, always the first that is locked: promotions of two models cannot cross or deadlock.
        MachineType.objects.locked(self.machine_type_id)
        self.refresh_from_db()

    def _begin(self, kind: str, said: Said) -> None:
        self._lock()
        is_approved = said.get("approved_by") not in (None, said["by"])
        if self.needs_approval(kind) and not is_approved:
            raise ModelProtected(
                f"Model {self.pk} is protected, or the default is: propose it, and another curator approves."
            )

    def _check_own(self, version: ModelVersion) -> None:
        version.refresh_from_db()
        if version.registered_model_id != self.pk:
            raise VersionOfAnotherModel(f"Version {version} is not one of {self.pk}.")

    def _move_to(self, version: ModelVersion, kind: str, said: Said) -> Promotion | None:
        self._check_own(version)
        if version.is_archived:
            raise VersionArchived(f"Version {version} is archived: restore it first.")
        if version == self.serving_version:
            return None
        previous, self.serving_version = self.serving_version, version
        self.save(update_fields=["serving_version"])
        return Promotion.record(kind, self, from_version=previous, to_version=version, **said)

    def _set(self, kind: str, said: Said, **column: bool) -> Promotion | None:
        [(name, value)] = column.items()
        if getattr(self, name) is value:
            return None
        setattr(self, name, value)
        self.save(update_fields=[name])
        return Promotion.record(kind, self, **said)


for _verb in [Verbs.decide, Verbs.carry_out, *(getattr(Verbs, kind) for kind in Kind.values)]:
    _verb.alters_data = True
