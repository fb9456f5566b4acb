"""Signing in to the API by a bearer token."""

from typing import Any

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import Token

from accounts.signing_out import refuse_ended


class BearerAuthentication(JWTAuthentication):
    """Reads the scheme in small or capital letters: HTTP makes no difference (RFC 9110)."""

    def get_raw_token(self, header: bytes) -> Any:
        """Return the token of an Authorization header, None for another scheme."""
        scheme, *rest = header.split() or [b""]
        is_bearer = scheme.lower() == b"bearer"
        return super().get_raw_token(b" ".join([b"Bearer", *rest]) if is_bearer else header)

    def get_validated_token(self, raw_token: bytes) -> Token:
        """Refuse the tokens of a browser that has signed out."""
        token = super().get_validated_token(raw_token)
        refuse_ended(token)
        return token
