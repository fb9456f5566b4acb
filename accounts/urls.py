"""Paths below /api/v1/."""

from django.urls import path

from accounts.browser_session import BrowserSession
from accounts.views import Refresh, Token, WhoAmI

urlpatterns = [
    path("auth/token", Token.as_view(), name="token"),
    path("auth/refresh", Refresh.as_view(), name="refresh"),
    path("auth/session", BrowserSession.as_view(), name="browser_session"),
    path("auth/me", WhoAmI.as_view(), name="me"),
]
