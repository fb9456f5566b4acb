"""The authentication backend of the API and the admin, with a lock after too many attempts."""

import hashlib
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from accounts import limits
from accounts.granted_permissions import find_granted_permissions
from accounts.models import User


class SignInLocked(Throttled):
    """Too many attempts; the sentence ends with the seconds to wait."""

    extra_detail_singular = "Try again in {wait} s."
    extra_detail_plural = "Try again in {wait} s."


class AccountLocked(SignInLocked):
    """Too many wrong passwords for one account, whether there is such an account or not."""

    @property
    def fields(self) -> dict[str, list[str]]:
        """Which field of the request the sentence is about."""
        return {"password": [str(self.detail)]}


class GuardedBackend(ModelBackend):
    """Checks a password, unless this address or this account had too many attempts.

    An account is locked for one address only, and only until the window ends: guesses from
    elsewhere lock nobody out, and whoever is signed in stays signed in.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user, or None for wrong credentials; raise SignInLocked before checking."""
        email = username or kwargs.get(User.USERNAME_FIELD)
        if request is None or not email or password is None:
            return super().authenticate(request, username, password, **kwargs)

        address = limits.get_network(request.META.get("REMOTE_ADDR", ""))
        wait_s = limits.count_attempt("sign_ins_per_address", address)
        if wait_s:
            raise SignInLocked(wait_s, "Too many attempts to sign in from this address.")

        # Counted before the password is checked, so that guesses at once cannot slip through.
        account = hash_account(email, address)
        wait_s = limits.count_attempt("failed_sign_ins", account)
        if wait_s:
            raise AccountLocked(wait_s, "Too many wrong passwords.")

        user = super().authenticate(request, username, password, **kwargs)
        if user is not None:
            limits.reset_count("failed_sign_ins", account)
        return user

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """Return what a user and its groups may do, in one query: every request asks."""
        if user_obj.is_superuser or not user_obj.is_active or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        # Where Django keeps them too, for as long as the user object lives.
        cached = vars(user_obj)
        if "_perm_cache" not in cached:
            cached["_perm_cache"] = find_granted_permissions(user_obj.pk)
        permissions: set[str] = cached["_perm_cache"]
        return permissions


def hash_account(email: str, address: str) -> str:
    """Identify an account and an address without storing either; the account need not exist."""
    text = f"{User.objects.normalize_email(email)}\n{address}"
    return hashlib.sha256(text.encode()).hexdigest()
