"""The proposals that wait for a second curator, shown where curators begin."""

from typing import Any

from django import template

from registry.models import Proposal

register = template.Library()


@register.inclusion_tag("admin/registry/pending_proposals.html", takes_context=True)
def pending_proposals(context: Any) -> dict[str, int]:
    """Count the proposals that this person may approve."""
    user = context["request"].user
    if not user.has_perm("registry.curate_registeredmodel"):
        return {"n": 0}
    return {"n": Proposal.objects.approvable_by(user).count()}
