"""Badges: what distinguishes a model, at a glance."""

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from registry.models import RegisteredModel
from registry.models.figures import Figures


def render_badges(model: RegisteredModel, figures: Figures | None) -> SafeString:
    """Render a badge for each state of the model that is worth knowing at a glance.

    figures: of the version that serves.
    """
    is_untested = figures is not None and not figures.is_tested
    flags = [
        ("good", "default", model.is_default),
        ("bad", "not active", not model.is_active),
        ("", "protected", model.is_protected),
        ("", "candidate", model.serving_version_id is None),
        ("", "not tested", is_untested and model.serving_version_id is not None),
    ]
    badges = ((style, name) for style, name, is_set in flags if is_set)
    return format_html_join(" ", '<span class="badge {}">{}</span>', badges)
