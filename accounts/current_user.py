"""The user of a request that the permissions have let through."""

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


def get_current_user(request: Request | HttpRequest) -> User:
    """Return the signed-in user; a view without permissions is a bug."""
    user = request.user
    assert isinstance(user, User)
    return user
