"""Permission classes of the API: who may do what is a Django permission, given by role groups."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


def require_permissions(**codename_by_method: str) -> type[BasePermission]:
    """Ask for a permission a method, as in `require_permissions(GET="registry.view_promotion")`; other methods are not allowed."""

    class HoldsPermission(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            method = "GET" if request.method == "HEAD" else str(request.method)
            if not request.user.is_authenticated:
                return False
            if method not in codename_by_method:
                raise MethodNotAllowed(method)
            return request.user.has_perm(codename_by_method[method])

    return HoldsPermission
