"""One decision about one model, before it is made: what it would change, who has to agree, and whether it can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.timesince import timesince

from core.admin.tables import format_value
from registry.errors import DecisionRefused
from registry.models import Action, ModelVersion, Promotion, Proposal, RegisteredModel
from registry.models.promotions import SERVING_ACTIONS

if TYPE_CHECKING:
    from accounts.models import User

DONE = {
    Action.SERVE: "Version {version} serves.",
    Action.ROLL_BACK: "Version {version} serves again.",
    Action.MAKE_DEFAULT: "Model {model} is the default.",
    Action.CLEAR_DEFAULT: "Model {model} is no default.",
    Action.ACTIVATE: "Model {model} is active.",
    Action.DEACTIVATE: "Model {model} is not active.",
    Action.PROTECT: "Model {model} is protected.",
    Action.UNPROTECT: "Model {model} is not protected.",
    Action.ARCHIVE: "Version {version} is archived.",
    Action.RESTORE: "Version {version} can serve again.",
}
WOULD = {
    Action.ACTIVATE: "The app offers it again.",
    Action.DEACTIVATE: "The app does not offer it any more; analyses that name it are refused.",
    Action.PROTECT: "From then on a second curator has to approve every change.",
    Action.UNPROTECT: "From then on one curator decides alone.",
    Action.CLEAR_DEFAULT: "No model takes its place.",
    Action.ARCHIVE: "It cannot serve until it is restored. Files and history stay.",
    Action.RESTORE: "It can serve again; it does not yet.",
}


# What a page asks several times is looked up once: these live as long as one request.
@dataclass(frozen=True)
class Decision:
    """What is about to be decided; version is empty for what is about the model as a whole."""

    kind: str
    model: RegisteredModel
    version: ModelVersion | None = None

    @property
    def subject(self) -> str:
        """Name what it is about."""
        return str(self.model if self.kind in SERVING_ACTIONS else self.version or self.model)

    @cached_property
    def effect(self) -> str:
        """Say what would change."""
        if self.kind in SERVING_ACTIONS:
            return self._move()
        if self.kind == Action.MAKE_DEFAULT:
            return self._succession()
        if self.kind == Action.DEACTIVATE and self.model.is_default:
            return f"{WOULD[Action.DEACTIVATE]} It is the default {self._place}, and gives that up: there is none then."
        return WOULD[Action(self.kind)]

    @cached_property
    def needs_approval(self) -> bool:
        """Whether it will wait for a second curator."""
        return self.model.needs_approval(self.kind)

    @cached_property
    def refusal(self) -> str | None:
        """Say, by the verb's own rule, why it cannot be decided now or would change nothing; None where it can be."""
        try:
            return None if self._is_worth_deciding() else f"{self._done} It was so already."
        except DecisionRefused as exc:
            return str(exc)

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Say what has to happen before a second curator can approve it."""
        try:
            self.model.would_change(self.kind, self.version)
        except DecisionRefused as exc:
            return [("cannot be approved yet", str(exc))]
        return []

    @property
    def before_and_after(self) -> tuple[ModelVersion | None, ModelVersion | None]:
        """The version that answers now, and the one that would in its place; the same where that does not change."""
        serving = self.model.serving_version
        if self.kind != Action.MAKE_DEFAULT:
            return serving, self.version if self.kind in SERVING_ACTIONS else serving
        return self._current.serving_version if self._current else None, serving

    def make(self, *, by: "User", why: str) -> str:
        """Decide, and tell what came of it."""
        was_default = self.model.is_default
        outcome = self.model.decide(self.kind, self.version, by=by, why=why)
        if isinstance(outcome, Promotion):
            has_lost_it = self.kind == Action.DEACTIVATE and was_default
            return (
                f"{self._done} It is no longer the default {self._place}."
                if has_lost_it
                else self._done
            )
        if outcome is None and not self._is_worth_deciding():
            return f"{self._done} It was so already."
        already = "" if outcome else " That waits already."
        return f"Proposed for {self.model}: “{self._done}” Another curator has to approve.{already}"

    def _is_worth_deciding(self) -> bool:
        # What waits for approval may become possible by then.
        ask = (
            self.model.is_worth_proposing
            if self.model.needs_approval(self.kind)
            else self.model.would_change
        )
        return ask(self.kind, self.version)

    @property
    def _done(self) -> str:
        return DONE[Action(self.kind)].format(version=self.version, model=self.model)

    @property
    def _place(self) -> str:
        return f"for {self.model.machine_type_id}, level {self.model.level}"

    @cached_property
    def _current(self) -> RegisteredModel | None:
        current: RegisteredModel | None = self.model.find_current_default()  # type: ignore[assignment]
        return current

    def _move(self) -> str:
        if self.version is None:
            return "The version that served before it will serve again."
        serving = self.model.serving_version
        return f"v{self.version.number} will serve{f' in place of v{serving.number}' if serving else ''}."

    def _succession(self) -> str:
        if self._current:
            return f"It takes the place of {self._current} {self._place}."
        return f"It becomes the default {self._place}."


@dataclass(frozen=True)
class Approval:
    """A proposal that a second curator is about to approve or to turn down."""

    proposal: Proposal
    verb: str
    by: "User"
    needs_approval = False

    @property
    def subject(self) -> str:
        """Name what was proposed."""
        return str(self.proposal)

    @property
    def effect(self) -> str:
        """Say what would change."""
        return self._decision.effect

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Who wants it, why, and since when."""
        proposal = self.proposal
        return [
            ("proposed by", proposal.by_email or "a command"),
            ("because", proposal.why or "no reason was given"),
            ("waits since", f"{format_value(proposal.at)} ({timesince(proposal.at)})"),
        ]

    @cached_property
    def refusal(self) -> str | None:
        """Say why this curator cannot do it now; None where it can be done."""
        try:
            if self.verb == "turn_down":
                self.proposal.check_pending()
            else:
                self.proposal.check_approvable_by(self.by)
                self.proposal.model.would_change(self.proposal.kind, self.proposal.version)
        except DecisionRefused as exc:
            return str(exc)
        return None

    @property
    def before_and_after(self) -> tuple[ModelVersion | None, ModelVersion | None]:
        """The version that answers now, and the one that would."""
        return self._decision.before_and_after

    @cached_property
    def _decision(self) -> Decision:
        return Decision(self.proposal.kind, self.proposal.model, self.proposal.version)
