"""Decisions before they are made: what would change, and whether that is possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.timesince import timesince

from core.admin.tables import format_value
from registry.admin.wording import PREVIOUS_VERSION_EFFECT, WORDING, Wording
from registry.errors import DecisionRefused
from registry.models import Action, ModelVersion, Promotion, Proposal, RegisteredModel
from registry.models.promotions import SERVING_ACTIONS

if TYPE_CHECKING:
    from accounts.models import User

# The versions that serve now and after a decision.
BeforeAndAfter = tuple[ModelVersion | None, ModelVersion | None]


# Lives as long as one request, so that what a page asks several times is looked up once.
@dataclass(frozen=True)
class Decision:
    """An action on a model, or on one of its versions, that is about to be decided."""

    action: str
    model: RegisteredModel
    version: ModelVersion | None = None

    @property
    def subject(self) -> str:
        """The name of what is decided about."""
        is_about_model = self.action in SERVING_ACTIONS or self.version is None
        return str(self.model if is_about_model else self.version)

    @cached_property
    def effect(self) -> str:
        """What would change, in a sentence."""
        if self.action in SERVING_ACTIONS:
            return self._describe_serving()
        if self.action == Action.MAKE_DEFAULT:
            return self._describe_default()

        effect = self._wording.effect
        if self.action == Action.DEACTIVATE and self.model.is_default:
            return f"{effect} It is the default {self._place}; there will be none."
        return effect

    @cached_property
    def needs_approval(self) -> bool:
        """Whether this would become a proposal."""
        return self.model.needs_approval(self.action)

    @cached_property
    def refusal(self) -> str | None:
        """Why this cannot be decided now or would change nothing; None where it can."""
        try:
            self._check()
        except DecisionRefused as exc:
            return str(exc)
        return None if self._is_worth_deciding() else self._fill(self._wording.already)

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """What has to happen before a second curator can approve it."""
        try:
            self.model.check_allowed(self.action, self.version)
        except DecisionRefused as exc:
            return [("cannot be approved yet", str(exc))]
        return []

    @property
    def before_and_after(self) -> BeforeAndAfter:
        """The version that serves now and the one that would, equal where that stays the same."""
        serving = self.model.serving_version
        if self.action == Action.MAKE_DEFAULT:
            default = self._current_default
            return default.serving_version if default else None, serving
        return serving, self.version if self.action in SERVING_ACTIONS else serving

    def apply(self, *, by: "User", why: str) -> str:
        """Decide, and return a sentence about the outcome."""
        was_default = self.model.is_default
        outcome = self.model.decide(self.action, self.version, by=by, why=why)
        if isinstance(outcome, Promotion):
            is_default_lost = self.action == Action.DEACTIVATE and was_default
            done = self._fill(self._wording.done)
            return f"{done} It is no longer the default {self._place}." if is_default_lost else done

        if outcome is None and not self._is_worth_deciding():
            return self._fill(self._wording.already)
        if outcome is None:
            return f"“{self._proposal}” is already proposed. Another curator has to approve it."
        return f"Proposed: “{self._proposal}”. Another curator has to approve it."

    def _check(self) -> None:
        # What waits for approval may become possible by then.
        if self.needs_approval:
            self.model.check_proposable(self.action, self.version)
        else:
            self.model.check_allowed(self.action, self.version)

    def _is_worth_deciding(self) -> bool:
        # Not the cached answer: apply() may have changed it.
        if self.model.needs_approval(self.action):
            return self.model.is_worth_proposing(self.action, self.version)
        return self.model.would_change(self.action, self.version)

    @property
    def _wording(self) -> Wording:
        return WORDING[Action(self.action)]

    def _fill(self, sentence: str) -> str:
        return sentence.format(version=self.version, model=self.model)

    @property
    def _proposal(self) -> str:
        return f"{Action(self.action).label}: {self.version or self.model}"

    @property
    def _place(self) -> str:
        return f"for {self.model.machine_type_id}, level {self.model.level}"

    @cached_property
    def _current_default(self) -> RegisteredModel | None:
        return self.model.find_current_default()

    def _describe_serving(self) -> str:
        if self.version is None:
            return PREVIOUS_VERSION_EFFECT
        serving = self.model.serving_version
        if serving is None:
            return f"v{self.version.number} will serve."
        return f"v{self.version.number} will serve instead of v{serving.number}."

    def _describe_default(self) -> str:
        if self._current_default:
            return f"It replaces {self._current_default} as the default {self._place}."
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
        """The name of what was proposed."""
        return str(self.proposal)

    @property
    def effect(self) -> str:
        """What would change, in a sentence."""
        return self._decision.effect

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Who proposed it, why, and since when it waits."""
        proposal = self.proposal
        return [
            ("proposed by", proposal.by_email or "a command"),
            ("reason", proposal.why or "none given"),
            ("waiting since", f"{format_value(proposal.at)} ({timesince(proposal.at)})"),
        ]

    @cached_property
    def refusal(self) -> str | None:
        """Why this curator cannot do it now; None where that is possible."""
        try:
            self._check()
        except DecisionRefused as exc:
            return str(exc)
        return None

    def _check(self) -> None:
        if self.verb == "turn_down":
            self.proposal.check_pending()
            return
        self.proposal.check_approvable_by(self.by)
        self.proposal.model.check_allowed(self.proposal.kind, self.proposal.version)

    @property
    def before_and_after(self) -> BeforeAndAfter:
        """The version that serves now, and the one that would."""
        return self._decision.before_and_after

    @cached_property
    def _decision(self) -> Decision:
        return Decision(self.proposal.kind, self.proposal.model, self.proposal.version)
