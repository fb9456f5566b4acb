"""What ends when a browser signs out: its tokens, whichever page it signed out on."""

from typing import Any

from django.contrib.auth import get_user, logout
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from accounts.models import EndedSignIn, User

# Under this name a browser's session and its tokens keep which sign-in they are of; the tokens of
# scripts and phones keep none.
SIGN_IN = "sign_in"


# Every process with pages to sign out on has loaded the addresses, and this with them.
@receiver(user_logged_out)
def end_tokens(*, request: HttpRequest, **_signal: Any) -> None:
    """End the tokens of a session that is signed out."""
    if sign_in := request.session.get(SIGN_IN):
        EndedSignIn.objects.end(sign_in)


def end_other_sign_in(request: HttpRequest, user: User) -> None:
    """Sign out whoever else was signed in in this browser before."""
    # Django's own login would forget the session, and the tokens would go on.
    if get_user(request) != user:
        logout(request)


def refuse_ended(token: Token) -> None:
    """Raise InvalidToken where the browser that holds the token was signed out."""
    sign_in = token.get(SIGN_IN)
    if sign_in and EndedSignIn.objects.filter(pk=sign_in).exists():
        raise InvalidToken("This browser was signed out: sign in again.")
