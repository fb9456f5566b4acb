"""Admin actions that are decisions: confirmed with a reason, then applied and reported."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.current_user import get_current_user
from core.errors import SignalCraftError
from registry.admin.decision_table import Confirmable, add_comparison_tables
from registry.admin.decisions import Decision
from registry.admin.wording import WORDING
from registry.models import Action
from registry.models.promotions import MAX_REASON_LENGTH

# More rows than a person can read before confirming.
MAX_DECISIONS = 100


class WhyForm(forms.Form):
    """The reason that is saved in the log."""

    why = forms.CharField(
        max_length=MAX_REASON_LENGTH,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "autofocus": True}),
    )


class CuratorMixin:
    """Asks for a reason, then applies each decision and reports the outcome."""

    admin_site: admin.AdminSite
    message_user: Callable[..., None]
    opts: Any

    def has_curate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.curate_registeredmodel")

    def refuse_too_many(self, request: HttpRequest, rows: QuerySet[Any]) -> bool:
        """Report, and return whether, more rows are chosen than anybody would read."""
        # "Select all" may mean ten thousand.
        if rows.count() <= MAX_DECISIONS:
            return False
        self.message_user(request, f"Choose at most {MAX_DECISIONS} rows.", messages.ERROR)
        return True

    def confirm(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        *,
        action: str,
        title: str,
        chosen: Sequence[Confirmable],
        apply: Callable[[Any, str], str],
    ) -> HttpResponse:
        """Show what would change and ask for a reason; with a reason, apply what is not refused.

        Where everything is refused, say why instead of asking. What would change now must be what
        was shown, so that nobody overwrites unseen what a colleague has decided meanwhile.
        """
        if all(each.refusal for each in chosen):
            return self._apply(request, chosen, apply, why="")

        digest = compute_digest(chosen)
        is_as_shown = request.POST.get("shown") == digest
        form = WhyForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid() and is_as_shown:
            return self._apply(request, chosen, apply, why=form.cleaned_data["why"])

        if form.is_bound and not is_as_shown:
            changed = "This has changed since you opened the page. Please check it again."
            self.message_user(request, changed, messages.WARNING)
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "form": form,
            "media": form.media,
            "opts": self.opts,
            "action": action,
            "shown": digest,
            "chosen": add_comparison_tables(request, chosen),
            "selected": [row.pk for row in rows],
            "back": self._get_back_url(request),
        }
        return TemplateResponse(request, "admin/registry/confirm.html", context)

    def decide(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        action: str,
        decisions: Sequence[Decision],
    ) -> HttpResponse | None:
        """Confirm decisions and apply them."""

        user = get_current_user(request)

        def apply(decision: Decision, why: str) -> str:
            return decision.apply(by=user, why=why)

        title = WORDING[Action(action)].title
        return self.confirm(
            request, rows, action=action, title=title, chosen=decisions, apply=apply
        )

    def _apply(
        self,
        request: HttpRequest,
        chosen: Sequence[Confirmable],
        apply: Callable[[Any, str], str],
        *,
        why: str,
    ) -> HttpResponse:
        """Apply what is not refused, report each outcome, and go back."""
        # Read before the first is applied: what was shown as refused stays refused.
        refusals = [each.refusal for each in chosen]
        for each, refusal in zip(chosen, refusals, strict=True):
            if refusal:
                self.message_user(request, refusal, messages.ERROR)
                continue
            try:
                self.message_user(request, apply(each, why), messages.SUCCESS)
            except SignalCraftError as exc:
                self.message_user(request, str(exc), messages.ERROR)
        return HttpResponseRedirect(self._get_back_url(request))

    def _get_back_url(self, request: HttpRequest) -> str:
        """Return the address that the action was called from, if it is one of ours."""
        back = request.POST.get("back", "")
        is_ours = url_has_allowed_host_and_scheme(
            back, {request.get_host()}, require_https=request.is_secure()
        )
        return back if is_ours else request.get_full_path()


def compute_digest(chosen: Sequence[Confirmable]) -> str:
    """Hash what the page says, so that a later request can tell whether it still holds."""
    sentences = sorted(
        f"{each.subject}: {each.refusal or each.effect} {each.needs_approval}" for each in chosen
    )
    return hashlib.sha256("\n".join(sentences).encode()).hexdigest()


def make_admin_action(action: Action) -> Callable[..., HttpResponse | None]:
    """Make the admin action that decides so about each chosen row."""

    def decide(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        if model_admin.refuse_too_many(request, rows):
            return None
        decisions = model_admin.get_decisions(request, rows, action)
        response: HttpResponse | None = model_admin.decide(request, rows, action, decisions)
        return response

    decide.__name__ = action
    return admin.action(decide, description=WORDING[action].title, permissions=["curate"])


MODEL_ACTIONS = [
    make_admin_action(Action.MAKE_DEFAULT),
    make_admin_action(Action.CLEAR_DEFAULT),
    make_admin_action(Action.ROLL_BACK),
    make_admin_action(Action.ACTIVATE),
    make_admin_action(Action.DEACTIVATE),
    make_admin_action(Action.PROTECT),
    make_admin_action(Action.UNPROTECT),
]
VERSION_ACTIONS = [
    make_admin_action(Action.SERVE),
    make_admin_action(Action.ARCHIVE),
    make_admin_action(Action.RESTORE),
]
