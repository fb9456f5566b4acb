"""What the registry's admin pages share: rows that stay, and actions that are verbs."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ActionForm
from django.http import HttpRequest

from signalcraft.errors import SignalCraftError

MAX_WHY = 500


class KeptMixin:
    """Rows that are neither made nor deleted by hand."""

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        return False


class HistoryMixin(KeptMixin):
    """Rows that are only read."""

    def has_change_permission(self, *_args: Any) -> bool:
        return False


class WhyForm(ActionForm):
    """Asks, beside the action, for the reason that goes into the log."""

    why = forms.CharField(required=False, max_length=MAX_WHY, label="Why:")


class CuratorMixin:
    """Actions that call a verb for each row and report what became of it."""

    action_form = WhyForm
    message_user: Callable[..., None]

    def has_curate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.curate_registeredmodel")

    def report(self, request: HttpRequest, verb: Callable[[], Any], done: str) -> None:
        """Call the verb and say `done`, that it was so before, or why the verb refused."""
        try:
            has_changed = verb()
        except SignalCraftError as exc:
            self.message_user(request, str(exc), messages.ERROR)
            return
        self.message_user(request, done if has_changed else f"{done} It was so already.", messages.SUCCESS)

    def why(self, request: HttpRequest) -> str:
        return request.POST.get("why", "")[:MAX_WHY]
