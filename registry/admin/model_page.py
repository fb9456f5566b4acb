"""The page of one model in admin: what serves, what could, how versions compare, what was decided."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from registry.admin import comparison
from registry.admin.badges import render_badges
from registry.admin.panels import MODEL_PANELS
from registry.admin.statistics import Week, weeks
from registry.models import Action, ModelVersion, RegisteredModel
from registry.models.figures import FIGURES, Figures, annotate_figures, get_figures

MAX_VERSIONS, MAX_LOG = 20, 10


def model_page(request: HttpRequest, model: RegisteredModel) -> dict[str, Any]:
    """Gather what the template shows beside the form."""
    may_read_the_log = request.user.has_perm("registry.view_promotion")
    versions = list(annotate_figures(model.versions.order_by("-number"))[: MAX_VERSIONS + 1])
    log = (
        list(model.promotions.select_related("from_version", "to_version")[:MAX_LOG])
        if may_read_the_log
        else []
    )
    served_before = model.find_rollback_target(log)
    compared = comparison.choose(model, request.GET.getlist("version"), versions, served_before)
    below = find_previous_version(compared[0], versions) if compared else None
    figures = _figures(versions, [*compared, below] if below else compared)
    return {
        "model": model,
        "badges": render_badges(model),
        "week": weeks([model]).get(model.pk, Week()),
        "buttons": buttons(model, served_before),
        "versions": [
            {"version": each} | {name: figures[each.pk].show(name) for name in FIGURES}
            for each in versions[:MAX_VERSIONS]
        ],
        "has_more_versions": len(versions) > MAX_VERSIONS,
        "compared": compared,
        "groups": [group for group in comparison.compare(request, compared, figures) if group.rows],
        "before": below,
        "changes": comparison.changes(below, compared[0], figures) if below else [],
        "panels": [
            {"title": panel.title, "content": panel.draw(request, model)}
            for panel in MODEL_PANELS
            if request.user.has_perm(panel.permission)
        ],
        "may_read_the_log": may_read_the_log,
        "log": log,
        "pending": model.proposals.pending().select_related("version") if may_read_the_log else [],
    }


def _figures(
    newest: Sequence[ModelVersion], compared: Sequence[ModelVersion]
) -> dict[int, Figures]:
    """The figures of the newest, which came with them, and of what is compared, which may be older."""
    figures = {version.pk: Figures.of(version) for version in newest}
    older = [version for version in compared if version.pk not in figures]
    return figures | get_figures(older) if older else figures


def find_previous_version(
    version: ModelVersion, newest: Sequence[ModelVersion]
) -> ModelVersion | None:
    """Find the version before this one among the newest, or else in the database."""
    near = (each for each in newest if each.number < version.number)
    return next(near, None) or (
        comparison.find_previous_version(version) if version.number > 1 else None
    )


def buttons(model: RegisteredModel, before: ModelVersion | None) -> list[tuple[str, str]]:
    """The actions that would change something now, by name, with what stands on their buttons."""
    # Of a protected one it can be proposed before the version that is to serve does.
    could_be_default = model.is_protected or (model.is_active and model.serving_version_id)
    possible = [
        (Action.ROLL_BACK, f"Roll back to v{before.number}" if before else "", before is not None),
        (Action.MAKE_DEFAULT, "Make default", not model.is_default and could_be_default),
        (Action.CLEAR_DEFAULT, "Take the default away", model.is_default),
        (Action.ACTIVATE, "Activate", not model.is_active),
        (Action.DEACTIVATE, "Deactivate", model.is_active),
        (Action.PROTECT, "Protect", not model.is_protected),
        (Action.UNPROTECT, "Take the protection off", model.is_protected),
    ]
    return [(str(kind), label) for kind, label, is_possible in possible if is_possible]
