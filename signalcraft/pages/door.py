"""The front door: one page from which everybody finds where they work."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from signalcraft.pages.words import DOOR, language_of


@dataclass(frozen=True, slots=True)
class Door:
    """A way in: its address, its words, and whether the signed-in person works there."""

    address: str
    title: str
    sentence: str
    is_yours: bool


@never_cache
@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """Show the ways in; to whoever is signed in, the one of their work first."""
    language = language_of(request)
    words = DOOR[language]
    yours = find_own_door(request)
    addresses = {
        "app": reverse("field_app"),
        "admin": reverse("admin:index"),
        "api": reverse("docs"),
    }
    doors = [
        Door(address, title, sentence, is_yours=name == yours)
        for name, address in addresses.items()
        for title, sentence in [words["doors"][name]]
    ]
    doors.sort(key=lambda door: not door.is_yours)
    context = {"language": language, "words": words, "doors": doors}
    return render(request, "signalcraft/door.html", context)


def find_own_door(request: HttpRequest) -> str:
    """Return the door of whoever is signed in in this browser, or nothing."""
    if not request.user.is_authenticated:
        return ""
    return "admin" if request.user.is_staff else "app"
