"""The page of one model in admin: what serves, how its versions compare, what was decided."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest

from registry.admin import comparison
from registry.admin.badges import render_badges
from registry.admin.panels import MODEL_PANELS
from registry.admin.statistics import Week, count_weeks
from registry.admin.wording import WORDING
from registry.models import Action, ModelVersion, RegisteredModel
from registry.models.figures import FIGURES, Figures, annotate_figures, get_figures

MAX_VERSIONS = 20
MAX_LOG_ROWS = 10


def build_model_page(request: HttpRequest, model: RegisteredModel) -> dict[str, Any]:
    """Return the template's context beside the form."""
    may_read_log = request.user.has_perm("registry.view_promotion")
    newest = list(annotate_figures(model.versions.order_by("-number"))[: MAX_VERSIONS + 1])
    log = []
    if may_read_log:
        log = list(model.promotions.select_related("from_version", "to_version")[:MAX_LOG_ROWS])
    target = model.find_rollback_target(log)

    compared = comparison.select_versions(model, request.GET.getlist("version"), newest, target)
    previous = find_previous_version(compared[0], newest) if compared else None
    figures = get_figures_of(newest, [*compared, previous] if previous else compared)
    return {
        "model": model,
        "badges": render_badges(model, find_serving_figures(model, figures)),
        "week": count_weeks([model]).get(model.pk, Week()),
        "buttons": list_buttons(model, target),
        "versions": [
            {"version": version, **render_figures(figures[version.pk])}
            for version in newest[:MAX_VERSIONS]
        ],
        "has_more_versions": len(newest) > MAX_VERSIONS,
        "compared": compared,
        "groups": list_groups(request, compared, figures),
        "before": previous,
        "changes": comparison.list_changes(previous, compared[0], figures) if previous else [],
        "panels": render_panels(request, model),
        "may_read_the_log": may_read_log,
        "log": log,
        "pending": model.proposals.pending().select_related("version") if may_read_log else [],
    }


def find_previous_version(
    version: ModelVersion, newest: Sequence[ModelVersion]
) -> ModelVersion | None:
    """Return the version with the next lower number: from the newest, else from the database."""
    if version.number == 1:
        return None
    lower = (each for each in newest if each.number < version.number)
    return next(lower, None) or comparison.find_previous_version(version)


def get_figures_of(
    newest: Sequence[ModelVersion], compared: Sequence[ModelVersion]
) -> dict[int, Figures]:
    """Return the figures of the newest, which came with them, and of what is compared."""
    figures = {version.pk: Figures.of(version) for version in newest}
    older = [version for version in compared if version.pk not in figures]
    return figures | get_figures(older) if older else figures


def find_serving_figures(model: RegisteredModel, known: Mapping[int, Figures]) -> Figures | None:
    """Return the figures of the version that serves, if one does."""
    serving = model.serving_version
    if serving is None:
        return None
    return known.get(serving.pk) or get_figures([serving])[serving.pk]


def render_figures(figures: Figures) -> dict[str, str | None]:
    return {name: figures.render(name) for name in FIGURES}


def list_groups(
    request: HttpRequest, compared: Sequence[ModelVersion], figures: dict[int, Figures]
) -> list[comparison.Group]:
    """Return the groups of the comparison that have rows."""
    return [group for group in comparison.compare(request, compared, figures) if group.rows]


def render_panels(request: HttpRequest, model: RegisteredModel) -> list[dict[str, str]]:
    """Render the panels of other apps that this person may see."""
    return [
        {"title": panel.title, "content": panel.render(request, model)}
        for panel in MODEL_PANELS
        if request.user.has_perm(panel.permission)
    ]


def list_buttons(
    model: RegisteredModel, rollback_target: ModelVersion | None
) -> list[tuple[str, str]]:
    """Return the actions that would change something now, each with the label of its button."""
    # A protected model can be proposed as the default before a version of it serves.
    could_be_default = model.is_protected or (model.is_active and model.serving_version_id)
    is_possible = {
        Action.ROLL_BACK: rollback_target is not None,
        Action.MAKE_DEFAULT: not model.is_default and could_be_default,
        Action.CLEAR_DEFAULT: model.is_default,
        Action.ACTIVATE: not model.is_active,
        Action.DEACTIVATE: model.is_active,
        Action.PROTECT: not model.is_protected,
        Action.UNPROTECT: model.is_protected,
    }
    labels = {action: WORDING[action].title for action in is_possible}
    if rollback_target:
        labels[Action.ROLL_BACK] = f"Roll back to v{rollback_target.number}"
    return [(action.value, labels[action]) for action in is_possible if is_possible[action]]
