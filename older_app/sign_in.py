"""Signing in to the older API, and registering."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import FormParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import AccessToken

from accounts.current_user import get_current_user
from accounts.models import User
from accounts.serializers import MAX_PASSWORD_LENGTH, SignIn
from older_app.errors import EmailTaken, SignUpOff
from older_app.examples import LOGGED_IN, LOGIN, ME, SIGN_UP, TAG
from older_app.roles import get_role

WRONG = SignIn.default_error_messages["no_active_account"]
# Whoever registers may send recordings and read their own results, and no more.
ROLE_OF_NEW_USERS = "field engineer"


class Utf8FormParser(FormParser):
    """Reads a form as UTF-8, whatever codec a client names; Django bounds its size."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = dict(parser_context or {})["request"]
        return QueryDict(request.body, encoding="utf-8")


class LoginForm(serializers.Serializer[Any]):
    """An e-mail address, named username, and a password."""

    username = serializers.CharField(max_length=254, help_text="The e-mail address.")
    password = serializers.CharField(trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)


class LoginOut(serializers.Serializer[Any]):
    """An access token. There are no stores here, so store_id is null."""

    access_token = serializers.CharField(help_text="A JWT; `exp` says until when.")
    token_type = serializers.CharField()
    store_id = serializers.CharField(allow_null=True)


class MeOut(serializers.Serializer[Any]):
    """The signed-in user. There are no subscriptions here, so both fields of them are null."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    username = serializers.CharField()
    full_name = serializers.CharField()
    role = serializers.ChoiceField(["user", "engineer", "admin"])
    subscription_tier = serializers.CharField(allow_null=True)
    subscription_expires_at = serializers.DateTimeField(allow_null=True)


class SignUpForm(serializers.Serializer[Any]):
    """A new user."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(trim_whitespace=False, max_length=MAX_PASSWORD_LENGTH)
    username = serializers.CharField(max_length=150)
    full_name = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")


class Login(APIView):
    """Sign in."""

    authentication_classes = []
    permission_classes = []
    parser_classes = [Utf8FormParser]

    def get_authenticate_header(self, request: Request) -> str:
        """Make a wrong password a 401, which no authentication class of this view does."""
        return 'Bearer realm="api"'

    @extend_schema(tags=[TAG], request=LoginForm, responses=LoginOut, examples=[LOGIN, LOGGED_IN])
    def post(self, request: Request) -> Response:
        """Sign in with e-mail and password, in the older app. Sent as a form."""
        form = LoginForm(data=request.data)
        form.is_valid(raise_exception=True)
        credentials = {
            User.USERNAME_FIELD: form.validated_data["username"],
            "password": form.validated_data["password"],
        }
        checked = SignIn(data=credentials, context={"request": request})
        try:
            checked.is_valid(raise_exception=True)
        except serializers.ValidationError as exc:
            # What is no e-mail address is nobody's.
            raise AuthenticationFailed(WRONG) from exc

        assert isinstance(checked.user, User)
        token = AccessToken.for_user(checked.user)
        token.set_exp(lifetime=timedelta(hours=settings.OLDER_APP_TOKEN_HOURS))
        return Response({"access_token": str(token), "token_type": "bearer", "store_id": None})


class Me(APIView):
    """The signed-in user."""

    permission_classes = [IsAuthenticated]

    @extend_schema(tags=[TAG], responses=MeOut, examples=[ME])
    def get(self, request: Request) -> Response:
        """Get the signed-in user, in the older app. With one of its three roles."""
        return Response(describe_user(get_current_user(request)))


class SignUp(APIView):
    """Register."""

    authentication_classes = []
    permission_classes = []
    error_responses = {"POST": [SignUpOff, EmailTaken]}

    @extend_schema(tags=[TAG], request=SignUpForm, responses={201: MeOut}, examples=[SIGN_UP, ME])
    def post(self, request: Request) -> Response:
        """Register as a new user, in the older app. Off unless ALLOW_SIGNUP is set."""
        if not settings.ALLOW_SIGNUP:
            raise SignUpOff("Nobody registers here. Ask an administrator for an account.")
        form = SignUpForm(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(describe_user(register(**form.validated_data)), status=201)


def describe_user(user: User) -> dict[str, Any]:
    """Return a user as the older app shows them."""
    return {
        "id": user.pk,
        "email": user.email,
        "username": user.username,
        "full_name": user.get_full_name() or user.username,
        "role": get_role(user),
        "subscription_tier": None,
        "subscription_expires_at": None,
    }


def register(*, email: str, password: str, username: str, full_name: str) -> User:
    """Make a user who may send recordings; EmailTaken if the address is taken."""
    user = User(email=User.objects.normalize_email(email), username=username, first_name=full_name)
    try:
        user.clean_fields(exclude=["password"])
        validate_password(password, user)
    except DjangoValidationError as exc:
        fields = exc.message_dict if hasattr(exc, "error_dict") else {"password": exc.messages}
        raise serializers.ValidationError(fields) from exc

    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            user.groups.add(Group.objects.get(name=ROLE_OF_NEW_USERS))
    except IntegrityError as exc:
        raise EmailTaken("This e-mail address or this user name is taken.") from exc
    return user
