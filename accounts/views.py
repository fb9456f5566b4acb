"""The API of signing in, and of the signed-in user."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import RetrieveAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from accounts.examples import ME, RENEWAL, RENEWED, SIGN_IN, TOKENS
from accounts.models import User
from accounts.serializers import AccessToken, Me, Renewal, SignIn, Tokens


@extend_schema_view(
    post=extend_schema(request=SignIn, responses=Tokens, examples=[SIGN_IN, TOKENS])
)
class Token(TokenObtainPairView):
    """Sign in with e-mail and password. Returns an access token and a refresh token."""

    serializer_class = SignIn


@extend_schema_view(
    post=extend_schema(request=Renewal, responses=AccessToken, examples=[RENEWAL, RENEWED])
)
class Refresh(TokenRefreshView):
    """Renew the access token. Takes the refresh token."""

    serializer_class = Renewal


@extend_schema_view(get=extend_schema(examples=[ME]))
class WhoAmI(RetrieveAPIView[User]):
    """Get the signed-in user. With roles and permissions."""

    permission_classes = [IsAuthenticated]
    serializer_class = Me

    def get_object(self) -> Any:
        return self.request.user
