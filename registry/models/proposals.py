"""Proposals: changes of protected models, which one curator proposes and another approves."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from core.triggers import Guard
from core.verbs import alters_data
from registry.errors import ModelProtected, ProposalDecided
from registry.models.machine_types import MachineType
from registry.models.promotions import Action, Promotion
from registry.models.versions import ModelVersion

if TYPE_CHECKING:
    from accounts.models import User


DECISION_COLUMNS = frozenset(
    {"state", "decided_by_id", "decided_by_email", "decided_why", "decided_at"}
)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def pending(self) -> "ProposalQuerySet":
        """Keep those that wait for a second curator."""
        return self.filter(state=Proposal.State.PENDING)

    def approvable_by(self, approver: "User") -> "ProposalQuerySet":
        """Keep those that this curator may approve."""
        return self.pending().exclude(by=approver)


class Proposal(models.Model):
    """One change that waits for a second curator, or the outcome; decided once."""

    class State(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        TURNED_DOWN = "turned_down"

    kind = models.CharField(max_length=20, choices=Action)
    model = models.ForeignKey("registry.RegisteredModel", models.PROTECT, related_name="proposals")
    version = models.ForeignKey(
        "registry.ModelVersion", models.PROTECT, null=True, related_name="+"
    )
    # Null for a command.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    by_email = models.EmailField(blank=True)
    why = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=20, choices=State, default=State.PENDING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_by_email = models.EmailField(blank=True)
    decided_why = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()
    guard = Guard(mutable=DECISION_COLUMNS, closed_when="OLD.state <> 'pending'")

    class Meta:
        ordering = ["-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=Action.values), name="registry_proposal_is_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at=None)
                | Q(state__in=["approved", "turned_down"], decided_at__isnull=False),
                name="registry_a_decided_proposal_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(by=None) | ~Q(decided_by=F("by")),
                name="registry_nobody_approves_an_own_proposal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.version or self.model_id}"

    @classmethod
    def record(
        cls,
        action: str,
        model_id: str,
        version: ModelVersion | None,
        *,
        by: "User | None",
        why: str,
    ) -> "Proposal | None":
        """Propose, under the model's lock; None if the same proposal is waiting already."""
        waiting = cls.objects.pending().filter(kind=action, model=model_id, version=version)
        if waiting.exists():
            return None
        return cls.objects.create(
            kind=action,
            model_id=model_id,
            version=version,
            by=by,
            by_email=by.email if by else "",
            why=why,
        )

    @alters_data
    @transaction.atomic
    def approve(self, *, by: "User", why: str = "") -> Promotion | None:
        """Apply the change, as a second curator; None where it was made already."""
        self._lock()
        self.check_approvable_by(by)
        promotion = self.model.apply(
            self.kind, self.version, by=self.by, why=self.why, approved_by=by, approved_why=why
        )
        self._decide(self.State.APPROVED, by=by, why=why)
        return promotion

    @alters_data
    @transaction.atomic
    def turn_down(self, *, by: "User", why: str = "") -> bool:
        """Change nothing; whoever proposed it may turn it down too."""
        self._lock()
        self._decide(self.State.TURNED_DOWN, by=by, why=why)
        return True

    def check_approvable_by(self, approver: "User") -> None:
        """Refuse to approve one's own proposal, or one that is decided already."""
        self.check_pending()
        if approver == self.by:
            raise ModelProtected(
                f"You proposed “{self}” yourself. Another curator has to approve it."
            )

    def check_pending(self) -> None:
        """Refuse to decide a second time."""
        if self.state != self.State.PENDING:
            raise ProposalDecided(f"“{self}” was already {self.get_state_display().lower()}.")

    def _lock(self) -> None:
        # Of two curators who decide at once, the second finds it decided.
        MachineType.objects.lock(self.model.machine_type_id)
        self.refresh_from_db()
        self.check_pending()

    def _decide(self, state: str, *, by: "User", why: str) -> None:
        self.state = state
        self.decided_at = timezone.now()
        self.decided_by = by
        self.decided_by_email = by.email
        self.decided_why = why
        self.save(
            update_fields=["state", "decided_at", "decided_by", "decided_by_email", "decided_why"]
        )
