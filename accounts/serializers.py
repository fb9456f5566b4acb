"""Serializers of signing in, and of the signed-in user."""

from typing import Any

from rest_framework import serializers
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import get_md5_hash_password

from accounts.models import User
from accounts.roles import APPS
from accounts.signing_out import refuse_ended

MAX_PASSWORD_LENGTH = 1000
MAX_EMAIL_LENGTH = 254
MAX_TOKEN_LENGTH = 4096


class AccessToken(serializers.Serializer[Any]):
    """A new access token."""

    access = serializers.CharField()


class Tokens(AccessToken):
    """An access token for requests, and a refresh token for the next one."""

    refresh = serializers.CharField()


class SignIn(TokenObtainPairSerializer):
    """E-mail and password, for a pair of tokens."""

    default_error_messages = {"no_active_account": "E-mail or password is wrong."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.username_field] = serializers.EmailField(
            write_only=True, max_length=MAX_EMAIL_LENGTH
        )
        # Spaces belong to a password; its length is bounded because hashing a long one is slow.
        self.fields["password"] = serializers.CharField(
            write_only=True, trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH
        )


class Renewal(TokenRefreshSerializer):
    """A refresh token, for a new access token."""

    refresh = serializers.CharField(max_length=MAX_TOKEN_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        try:
            self.check_still_signed_in(attrs["refresh"])
            return super().validate(attrs)
        except User.DoesNotExist as exc:
            raise InvalidToken from exc

    def check_still_signed_in(self, refresh: str) -> None:
        """Refuse a token of a browser that signed out, or of an earlier password.

        What it is renewed to would be refused anyway.
        """
        token = self.token_class(refresh)  # type: ignore[arg-type]  # its stubs want a token
        refuse_ended(token)
        user = User.objects.get(pk=token[api_settings.USER_ID_CLAIM])
        if token.get(api_settings.REVOKE_TOKEN_CLAIM) != get_md5_hash_password(user.password):
            raise InvalidToken("The password has changed: sign in again.")


class Me(serializers.ModelSerializer[User]):
    """The signed-in user."""

    name = serializers.SerializerMethodField()
    roles = serializers.SerializerMethodField()
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["email", "username", "name", "roles", "permissions"]

    def get_name(self, user: User) -> str:
        return user.get_full_name() or user.username

    def get_roles(self, user: User) -> list[str]:
        return list(user.groups.order_by("name").values_list("name", flat=True))

    def get_permissions(self, user: User) -> list[str]:
        """Return the user's permissions of our apps, by name."""
        return sorted(name for name in user.get_all_permissions() if name.partition(".")[0] in APPS)
