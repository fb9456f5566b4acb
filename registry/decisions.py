"""One decision about one model, before it is made: what it would change, in a sentence, and who has to agree."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.models import Kind, ModelVersion, Promotion, Proposal, RegisteredModel

if TYPE_CHECKING:
    from accounts.models import User

DONE = {
    Kind.SERVE: "Version {version} serves.",
    Kind.ROLL_BACK: "Version {version} serves again.",
    Kind.MAKE_DEFAULT: "Model {model} is the default.",
    Kind.CLEAR_DEFAULT: "Model {model} is no default.",
    Kind.ACTIVATE: "Model {model} is active.",
    Kind.DEACTIVATE: "Model {model} is not active.",
    Kind.PROTECT: "Model {model} is protected.",
    Kind.UNPROTECT: "Model {model} is not protected.",
    Kind.ARCHIVE: "Version {version} is archived.",
    Kind.RESTORE: "Version {version} can serve again.",
}
WOULD = {
    Kind.ACTIVATE: "The app offers it again.",
    Kind.DEACTIVATE: "The app does not offer it any more; analyses that name it are refused.",
    Kind.PROTECT: "From then on a second curator has to approve every change.",
    Kind.UNPROTECT: "From then on one curator decides alone.",
    Kind.CLEAR_DEFAULT: "No model takes its place.",
    Kind.ARCHIVE: "It cannot serve until it is restored. Files and history stay.",
    Kind.RESTORE: "It can serve again; it does not yet.",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is about to be decided; version is empty for what is about the model as a whole."""

    kind: str
    model: RegisteredModel
    version: ModelVersion | None = None

    @property
    def subject(self) -> str:
        """Name what it is about."""
        return str(self.model if self.kind in (Kind.SERVE, Kind.ROLL_BACK) else self.version or self.model)

    @property
    def effect(self) -> str:
        """Say what would change."""
        if self.kind in (Kind.SERVE, Kind.ROLL_BACK):
            return self._move()
        if self.kind == Kind.MAKE_DEFAULT:
            return self._succession()
        return WOULD[Kind(self.kind)]

    @property
    def needs_approval(self) -> bool:
        """Whether it will wait for a second curator."""
        return self.model.needs_approval(self.kind)

    def make(self, *, by: "User", why: str) -> str:
        """Decide, and tell what came of it."""
        outcome = self.model.decide(self.kind, self.version, by=by, why=why)
        done = DONE[Kind(self.kind)].format(version=self.version, model=self.model)
        if isinstance(outcome, Proposal) or (outcome is None and self.needs_approval):
            already = "" if outcome else " That waits already."
            return f"Proposed for {self.model}: “{done}” Another curator has to approve.{already}"
        return done if isinstance(outcome, Promotion) else f"{done} It was so already."

    def _move(self) -> str:
        if self.version is None:
            return "No other version of it served before: this will be refused."
        serving = self.model.serving_version
        return f"v{self.version.number} will serve{f' in place of v{serving.number}' if serving else ''}."

    def _succession(self) -> str:
        current = self.model.current_default()
        where = f"for {self.model.machine_type_id}, level {self.model.level}"
        return f"It takes the place of {current} {where}." if current else f"It becomes the default {where}."


@dataclass(frozen=True, slots=True)
class Approval:
    """A proposal that a second curator is about to approve or to turn down."""

    proposal: Proposal
    needs_approval = False

    @property
    def subject(self) -> str:
        """Name what was proposed."""
        return str(self.proposal)

    @property
    def effect(self) -> str:
        """Say what would change, who wants it and why."""
        proposal = self.proposal
        effect = Decision(proposal.kind, proposal.model, proposal.version).effect
        return f"{effect} Proposed by {proposal.by_email or 'a command'}: “{proposal.why}”"
