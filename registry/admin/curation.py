"""What the registry's admin pages share: rows that stay, and actions that are decisions, confirmed and reasoned."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import SignalCraftError
from registry.admin.decision_table import Confirmable, add_comparison_tables
from registry.admin.decisions import Decision
from registry.models import Action

MAX_WHY = 500
# More rows than a person can look at before saying yes.
MAX_DECISIONS = 100


class WhyForm(forms.Form):
    """The reason that goes into the log."""

    why = forms.CharField(
        max_length=MAX_WHY,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60, "autofocus": True}),
    )


class CuratorMixin:
    """Actions that ask for a reason, then make each decision and report what became of it."""

    admin_site: admin.AdminSite
    message_user: Callable[..., None]
    opts: Any

    def has_curate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("registry.curate_registeredmodel")

    def refuse_too_many(self, request: HttpRequest, rows: QuerySet[Any]) -> bool:
        """Refuse, in a sentence, what nobody would look through; "select all" may mean ten thousand."""
        if rows.count() <= MAX_DECISIONS:
            return False
        self.message_user(request, f"Choose at most {MAX_DECISIONS} at once.", messages.ERROR)
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
        """Show what was chosen and ask for a reason; with the reason, carry out one by one what is not refused.

        Where nothing of it can be done, say why instead of asking.
        What would change now must be what was shown: nobody overwrites what a colleague has decided meanwhile unseen.
        """
        if all(each.refusal for each in chosen):
            return self._apply(request, chosen, apply, why="")
        form, shown = (
            WhyForm(request.POST if "confirmed" in request.POST else None),
            digest_of(chosen),
        )
        is_as_shown = request.POST.get("shown") == shown
        if form.is_valid() and is_as_shown:
            return self._apply(request, chosen, apply, why=form.cleaned_data["why"])
        if form.is_bound and not is_as_shown:
            self.message_user(
                request, "This has changed since you looked: look again.", messages.WARNING
            )
        context = self.admin_site.each_context(request) | {
            **{"title": title, "form": form, "action": action, "shown": shown, "opts": self.opts},
            **{
                "chosen": add_comparison_tables(request, chosen),
                "selected": [row.pk for row in rows],
            },
            **{"back": self._back(request), "media": form.media},
        }
        return TemplateResponse(request, "admin/registry/confirm.html", context)

    def decide(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        kind: str,
        title: str,
        decisions: Sequence[Decision],
    ) -> HttpResponse | None:
        """Confirm decisions and make them."""

        def make(decision: Decision, why: str) -> str:
            return decision.make(by=request.user, why=why)  # type: ignore[arg-type]

        return self.confirm(request, rows, action=kind, title=title, chosen=decisions, apply=make)

    def _apply(
        self,
        request: HttpRequest,
        chosen: Sequence[Confirmable],
        apply: Callable[[Any, str], str],
        *,
        why: str,
    ) -> HttpResponse:
        """Do what is not refused, tell of each what became of it, and go back."""
        # All of them before the first is done: what was shown as refused stays so, whatever the others make possible.
        for each, refusal in [(each, each.refusal) for each in chosen]:
            try:
                level, told = (
                    (messages.ERROR, refusal) if refusal else (messages.SUCCESS, apply(each, why))
                )
            except SignalCraftError as exc:
                level, told = messages.ERROR, str(exc)
            self.message_user(request, told, level)
        return HttpResponseRedirect(self._back(request))

    def _back(self, request: HttpRequest) -> str:
        """Name the page that the action was called from, if it is one of ours."""
        back = request.POST.get("back", "")
        is_ours = url_has_allowed_host_and_scheme(
            back, {request.get_host()}, require_https=request.is_secure()
        )
        return back if is_ours else request.get_full_path()


def digest_of(chosen: Sequence[Confirmable]) -> str:
    """Put into a few characters what the page says: what would change or wait for approval, and what would not."""
    said = sorted(
        f"{each.subject}: {each.refusal or each.effect} {each.needs_approval}" for each in chosen
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def decision(kind: str, title: str) -> Callable[..., HttpResponse | None]:
    """Make the admin action of one kind of decision; the admin says which decisions the chosen rows stand for."""

    def act(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        if model_admin.refuse_too_many(request, rows):
            return None
        return model_admin.decide(
            request, rows, kind, title, model_admin.decisions(request, rows, kind)
        )

    act.__name__ = kind
    return admin.action(act, description=title, permissions=["curate"])


MODEL_ACTIONS = [
    decision(Action.MAKE_DEFAULT, "Make default"),
    decision(Action.CLEAR_DEFAULT, "Take the default away"),
    decision(Action.ROLL_BACK, "Roll back to the version before"),
    decision(Action.ACTIVATE, "Activate"),
    decision(Action.DEACTIVATE, "Deactivate"),
    decision(Action.PROTECT, "Protect"),
    decision(Action.UNPROTECT, "Take the protection off"),
]
VERSION_ACTIONS = [
    decision(Action.SERVE, "Serve this version"),
    decision(Action.ARCHIVE, "Archive"),
    decision(Action.RESTORE, "Restore from the archive"),
]
