"""What one curator proposes and another approves: every change of a protected model."""

from typing import TYPE_CHECKING, Optional

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from registry.errors import ModelProtected, ProposalDecided
from registry.models.machine_types import MachineType
from registry.models.promotions import Action, Promotion

if TYPE_CHECKING:
    from accounts.models import User
    from registry.models.curated import Curated
    from registry.models.versions import ModelVersion


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def pending(self) -> "ProposalQuerySet":
        """Keep those that wait for a second curator."""
        return self.filter(state=Proposal.State.PENDING)

    def approvable_by(self, approver: "User") -> "ProposalQuerySet":
        """Keep those that this curator may approve."""
        return self.pending().exclude(by=approver)


class Proposal(models.Model):
    """One change that waits for a second curator, or what became of it; decided once."""

    class State(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        TURNED_DOWN = "turned_down"

    kind = models.CharField(max_length=20, choices=Action)
    model = models.ForeignKey("registry.RegisteredModel", models.PROTECT, related_name="proposals")
    version = models.ForeignKey(
        "registry.ModelVersion", models.PROTECT, null=True, related_name="+"
    )
    # Empty for a command.
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
    def make(
        cls,
        kind: str,
        model: "Curated",
        version: "ModelVersion | None",
        *,
        by: "User | None",
        why: str,
    ) -> Optional["Proposal"]:
        """Propose, under the model's lock; None if the very same waits already."""
        if cls.objects.pending().filter(kind=kind, model=model.pk, version=version).exists():
            return None
        by_email = by.email if by else ""
        return cls.objects.create(
            kind=kind, model_id=model.pk, version=version, by=by, by_email=by_email, why=why
        )

    @transaction.atomic
    def approve(self, *, by: "User", why: str = "") -> Promotion | None:
        """Do what is proposed, as a second curator; None where it was done already."""
        self._lock()
        self.check_approvable_by(by)
        promotion = self.model.apply(
            self.kind, self.version, by=self.by, why=self.why, approved_by=by, approved_why=why
        )
        self._decide(self.State.APPROVED, by=by, why=why)
        return promotion

    approve.alters_data = True  # type: ignore[attr-defined]

    @transaction.atomic
    def turn_down(self, *, by: "User", why: str = "") -> bool:
        """Leave everything as it is; whoever proposed it may do this too."""
        self._lock()
        self._decide(self.State.TURNED_DOWN, by=by, why=why)
        return True

    turn_down.alters_data = True  # type: ignore[attr-defined]

    def check_approvable_by(self, approver: "User") -> None:
        """Refuse the approval of what is decided already, and of what one proposed oneself."""
        self.check_pending()
        if approver == self.by:
            raise ModelProtected(
                f"You proposed this yourself: another curator has to approve “{self}”."
            )

    def check_pending(self) -> None:
        """Refuse to decide a second time."""
        if self.state != self.State.PENDING:
            raise ProposalDecided(f"“{self}” is {self.get_state_display().lower()} already.")

    def _lock(self) -> None:
        # Of two curators who decide at once, the second finds it decided.
        MachineType.objects.lock(self.model.machine_type_id)
        self.refresh_from_db()
        self.check_pending()

    def _decide(self, state: str, *, by: "User", why: str) -> None:
        self.state, self.decided_at = state, timezone.now()
        self.decided_by, self.decided_by_email, self.decided_why = by, by.email, why
        self.save(
            update_fields=["state", "decided_at", "decided_by", "decided_by_email", "decided_why"]
        )
