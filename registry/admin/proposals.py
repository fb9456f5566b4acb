"""Proposals in admin: one curator proposes, another approves or turns down."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.current_user import get_current_user
from core.admin.history import HistoryMixin
from core.admin.tables import format_value
from registry.admin.curation import CuratorMixin
from registry.admin.decisions import Approval
from registry.models import Proposal


@admin.register(Proposal)
class ProposalAdmin(CuratorMixin, HistoryMixin, admin.ModelAdmin):
    """Changes of protected models that wait for a second curator, and those that are decided."""

    list_display = ["at", "__str__", "who", "why", "state", "decision"]
    list_filter = ["state", "kind", "at"]
    list_select_related = ["model", "version"]
    search_fields = ["model__id", "by_email", "why"]
    actions = ["approve", "turn_down"]
    fields = ["at", "kind", "model", "version", "who", "why", "state", "decision"]

    @admin.display(description="by", ordering="by_email")
    def who(self, proposal: Proposal) -> str:
        return proposal.by_email or "a command"

    @admin.display(description="decided", ordering="decided_at")
    def decision(self, proposal: Proposal) -> str:
        if not proposal.decided_at:
            return self.get_empty_value_display()
        reason = f": “{proposal.decided_why}”" if proposal.decided_why else ""
        return f"{format_value(proposal.decided_at)}, {proposal.decided_by_email}{reason}"

    @admin.action(description="Approve", permissions=["curate"])
    def approve(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse | None:
        return self._decide(request, rows, verb="approve", title="Approve", done="Approved")

    @admin.action(description="Turn down", permissions=["curate"])
    def turn_down(self, request: HttpRequest, rows: QuerySet[Proposal]) -> HttpResponse | None:
        return self._decide(request, rows, verb="turn_down", title="Turn down", done="Turned down")

    def _decide(
        self, request: HttpRequest, rows: QuerySet[Proposal], *, verb: str, title: str, done: str
    ) -> HttpResponse | None:
        if self.refuse_too_many(request, rows):
            return None
        user = get_current_user(request)

        def apply(approval: Approval, why: str) -> str:
            getattr(approval.proposal, verb)(by=user, why=why)
            return f"{done}: {approval.subject}."

        proposals = rows.select_related("model__serving_version", "version", "by")
        chosen = [Approval(proposal, verb, user) for proposal in proposals]
        return self.confirm(request, rows, action=verb, title=title, chosen=chosen, apply=apply)
