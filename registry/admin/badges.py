"""What is special about a model, at a glance."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from registry.models import RegisteredModel


def render_badges(model: RegisteredModel) -> SafeString:
    """What is special about a model, at a glance."""
    flags = [
        ("good", "default", model.is_default),
        ("bad", "not active", not model.is_active),
        ("", "protected", model.is_protected),
        ("", "candidate", model.serving_version_id is None),
    ]
    shown = ((style, name) for style, name, is_so in flags if is_so)
    return format_html_join(" ", '<span class="badge {}">{}</span>', shown)
