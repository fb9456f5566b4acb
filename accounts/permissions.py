"""Permissions of the API: what a person may do is a Django permission, given by role groups."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class HasPermission(BasePermission):
    """Requires one permission for each method; other methods are not allowed."""

    def __init__(self, permission_by_method: Mapping[str, str]) -> None:
        self._permission_by_method = permission_by_method

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "GET" if request.method == "HEAD" else str(request.method)
        if not request.user.is_authenticated:
            return False
        if method not in self._permission_by_method:
            raise MethodNotAllowed(method)
        return request.user.has_perm(self._permission_by_method[method])


def require_permissions(**permission_by_method: str) -> Any:
    """Require a permission for each method, as in `GET="registry.view_promotion"`."""
    # DRF calls each of a view's permission_classes, though its stubs know classes only.
    return partial(HasPermission, permission_by_method)
