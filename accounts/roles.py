"""The role groups and their permissions; what a plant adds to a group in admin stays."""

from typing import Any

from django.apps import apps as every_app
from django.apps.registry import Apps

APPS = {"registry", "analysis", "training", "older_app"}

_VIEWER = {
    "registry.view_machinetype",
    "registry.view_registeredmodel",
    "registry.view_modelversion",
    "registry.view_versionfile",
    "registry.view_promotion",
    "registry.view_proposal",
    "analysis.view_device",
    "analysis.view_analysis",
    "analysis.view_feedback",
    "analysis.view_feedbackrevision",
    "analysis.view_calibrationrecord",
}
# Logs of who decided or calibrated what are for those who are responsible.
_LOGS = {"registry.view_promotion", "registry.view_proposal", "analysis.view_calibrationrecord"}
_FIELD_ENGINEER = _VIEWER - _LOGS | {"analysis.add_analysis"}
_ENGINEER = (
    _VIEWER
    | _FIELD_ENGINEER
    | {"analysis.add_device", "analysis.change_device", "analysis.calibrate_device"}
    | {"training.view_trainingrun", "training.view_evaluation"}
    | {"older_app.view_retrainingcandidate"}
)
_CURATOR = _ENGINEER | {
    "registry.add_machinetype",
    "registry.change_machinetype",
    "registry.change_registeredmodel",
    "registry.curate_registeredmodel",
}
ROLES = {
    "viewer": _VIEWER,
    "field engineer": _FIELD_ENGINEER,
    "engineer": _ENGINEER,
    "curator": _CURATOR,
}


def grant_roles(*, apps: Apps = every_app, using: str, **_signal: Any) -> None:
    """Create the groups and add their permissions, as far as those exist by now.

    Called after the migration of every app: an app's permissions are created only after its own
    signal, so the last call completes the roles.
    """
    try:
        # The tables as they are now: `migrate` may have been told to stop before auth's.
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:
        return

    rows = permission_model.objects.using(using).select_related("content_type")
    permissions = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    for role, names in ROLES.items():
        group, _ = group_model.objects.using(using).get_or_create(name=role)
        group.permissions.add(*(permissions[name] for name in names if name in permissions))
