"""Badges: what distinguishes a model, at a glance."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from registry.models import RegisteredModel


def render_badges(model: RegisteredModel) -> SafeString:
    """Render a badge for each state of the model that is worth knowing at a glance."""
    flags = [
        ("good", "default", model.is_default),
        ("bad", "not active", not model.is_active),
        ("", "protected", model.is_protected),
        ("", "candidate", model.serving_version_id is None),
    ]
    badges = ((style, name) for style, name, is_set in flags if is_set)
    return format_html_join(" ", '<span class="badge {}">{}</span>', badges)
