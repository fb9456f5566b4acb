"""One sign-in for a browser: the field app's tokens and the cookie of the server's other pages.

The cookie's session and the tokens name the same sign-in. Whichever page signs out ends it: the
session is gone, and tokens that name an ended sign-in are refused.
"""

from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user, login, logout
from django.contrib.sessions.backends.base import SessionBase
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.current_user import get_current_user
from accounts.models import User
from accounts.signing_out import SIGN_IN, end_other_sign_in

BACKEND = "accounts.sign_in.GuardedBackend"


# For the app's own pages; a script has tokens, and no use for a cookie.
@extend_schema(exclude=True)
class BrowserSession(APIView):
    """Carries a sign-in from the app to the other pages and back, and ends both."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """Return tokens for whoever is signed in by the cookie, to pages of this server alone."""
        user: Any = get_user(request._request)
        if not user.is_authenticated:
            return Response(status=204)
        return Response(make_tokens(user, request._request.session))

    def post(self, request: Request) -> Response:
        """Sign in by a cookie whoever holds this token; a cookie alone begins nothing.

        Returns the tokens to go on with: unlike those of a script, they end with the cookie.
        """
        if not request.user.is_authenticated:
            raise NotAuthenticated
        user = get_current_user(request)
        end_other_sign_in(request._request, user)
        login(request._request, user, backend=BACKEND)
        return Response(make_tokens(user, request._request.session))

    def delete(self, request: Request) -> Response:
        """Sign the browser out. No other site may make it send a DELETE."""
        logout(request._request)
        return Response(status=204)


def make_tokens(user: User, session: SessionBase) -> dict[str, str]:
    """Return tokens of the session's sign-in, and whose they are."""
    refresh: Any = RefreshToken.for_user(user)
    refresh[SIGN_IN] = session.setdefault(SIGN_IN, str(uuid4()))
    return {
        "email": user.email,
        "access": str(refresh.access_token),
        "refresh": str(refresh),
    }
