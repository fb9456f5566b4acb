"""The three roles of the older app, from what a user may do here."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import User

ADMIN = "admin"
ENGINEER = "engineer"
USER = "user"


def get_role(user: User) -> str:
    """Return admin, engineer or user.

    An admin decides in the administration which models are offered; an engineer may calibrate a
    device; everybody else is a user.
    """
    if user.is_staff and user.has_perm("registry.curate_registeredmodel"):
        return ADMIN
    return ENGINEER if user.has_perm("analysis.calibrate_device") else USER


class AdminChangesOthersRead(BasePermission):
    """Whoever may view devices reads them; only an admin adds and removes them."""

    message = "Only an administrator adds and removes devices."

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, User):
            return False
        if request.method in SAFE_METHODS:
            return request.user.has_perm("analysis.view_device")
        return get_role(request.user) == ADMIN
