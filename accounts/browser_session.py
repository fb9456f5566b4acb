"""One sign-in for a browser: the field app's tokens and the cookie of the server's other pages."""

from typing import Any

from django.contrib.auth import get_user, login, logout
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.current_user import get_current_user

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
        refresh: Any = RefreshToken.for_user(user)
        tokens = {"access": str(refresh.access_token), "refresh": str(refresh)}
        return Response({"email": user.email} | tokens)

    def post(self, request: Request) -> Response:
        """Sign in by a cookie whoever holds this token; a cookie alone begins nothing."""
        if not request.user.is_authenticated:
            raise NotAuthenticated
        login(request._request, get_current_user(request), backend=BACKEND)
        return Response(status=204)

    def delete(self, request: Request) -> Response:
        """Sign the browser out. No other site may make it send a DELETE."""
        logout(request._request)
        return Response(status=204)
