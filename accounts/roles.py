"""The role groups and their permissions; a plant may give a group more in admin, and keeps what it gave."""

from typing import Any

from django.apps import apps as every_app
from django.apps.registry import Apps

APPS = {"registry", "analysis", "training"}

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
# Who decided or calibrated what is for those who answer for it.
_LOGS = {"registry.view_promotion", "registry.view_proposal", "analysis.view_calibrationrecord"}
_FIELD_ENGINEER = _VIEWER - _LOGS | {"analysis.add_analysis"}
_ENGINEER = (
    _VIEWER
    | _FIELD_ENGINEER
    | {"analysis.add_device", "analysis.change_device", "analysis.calibrate_device"}
    | {"training.view_trainingrun", "training.view_evaluation"}
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
    """Create the groups and give them their permissions, as far as those exist by now.

    Sent after the migration of every app: an app's permissions are made only when its own signal has
    passed, so the last call is the one that completes the roles.
    """
    try:
        # The tables as they are now: `migrate` may have been told to stop before auth's are made.
        group_model, permission_model = (
            apps.get_model("auth", "Group"),
            apps.get_model("auth", "Permission"),
        )
    except LookupError:
        return
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permission_model.objects.using(using).select_related("content_type")
    }
    for role, codenames in ROLES.items():
        group, _ = group_model.objects.using(using).get_or_create(name=role)
        group.permissions.add(*(permissions[name] for name in codenames if name in permissions))
