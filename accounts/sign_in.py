"""Checking passwords, at every door: refused for a while where too many were wrong."""

import hashlib
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from accounts import limits
from accounts.models import User

# One look into each index; Django would ask twice, and take ten times as long to write the questions.
HELD_PERMISSIONS = """
    SELECT kind.app_label, permission.codename
    FROM auth_permission permission JOIN django_content_type kind ON kind.id = permission.content_type_id
    WHERE permission.id IN (
        SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = %s
        UNION
        SELECT of_group.permission_id
        FROM accounts_user_groups membership JOIN auth_group_permissions of_group USING (group_id)
        WHERE membership.user_id = %s
    )
"""


class GuardedBackend(ModelBackend):
    """Checks a password, unless this address tried too often or failed too often on this account.

    An account is locked for one address and until the window ends, not longer: whoever guesses from elsewhere locks
    nobody out, and whoever is signed in stays so.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user, None for wrong credentials; raise Throttled before a password is looked at."""
        email = username or kwargs.get(User.USERNAME_FIELD)
        if request is None or not email or password is None:
            return super().authenticate(request, username, password, **kwargs)
        address = limits.network(request.META.get("REMOTE_ADDR", ""))
        refuse_for(limits.seconds_to_wait("sign_ins_per_address", address))
        # Counted before the password is checked: however many guesses come at once, no more of them are looked at.
        who = account_at(address, email)
        refuse_for(limits.seconds_to_wait("failed_sign_ins", who))
        user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            limits.forget("failed_sign_ins", who)
        return user

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """Find what a user may do, and what its groups may, in one query: every request asks."""
        if user_obj.is_superuser or not user_obj.is_active or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            with connection.cursor() as cursor:
                cursor.execute(HELD_PERMISSIONS, [user_obj.pk, user_obj.pk])
                user_obj._perm_cache = {
                    f"{label}.{codename}" for label, codename in cursor.fetchall()
                }
        return user_obj._perm_cache


def account_at(address: str, email: str) -> str:
    """Name a pair of account and address without writing either down; the account need not exist."""
    return hashlib.sha256(f"{User.objects.normalize_email(email)}\n{address}".encode()).hexdigest()


def refuse_for(seconds: int) -> None:
    """Refuse to go on, if there is something to wait for."""
    if seconds:
        raise Throttled(seconds, "Too many attempts to sign in.")
