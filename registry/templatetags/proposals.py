"""What waits for a second curator, told on the pages where curators begin."""

from typing import Any

from django import template

from registry.models import Proposal

register = template.Library()


@register.inclusion_tag("admin/registry/waiting.html", takes_context=True)
def waiting_proposals(context: Any) -> dict[str, int]:
    """How many proposals this person may approve."""
    user = context["request"].user
    may_approve = user.has_perm("registry.curate_registeredmodel")
    return {"n": Proposal.objects.approvable_by(user).count() if may_approve else 0}
