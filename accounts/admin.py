"""Users in admin, and the form by which people sign in to it."""

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Field
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import get_language
from rest_framework.exceptions import Throttled

from accounts.errors import LimitsUnavailable
from accounts.models import User
from accounts.signing_out import end_other_sign_in

MAX_USERNAME = 150


def choose_sentence(*, en: str, ko: str) -> str:
    """Return the sentence in the language of the page."""
    return ko if get_language() == "ko" else en


# Chosen when the page is rendered, not when this module is loaded.
in_language = lazy(choose_sentence, str)


class SignInForm(AdminAuthenticationForm):
    """Signs in by e-mail and password, and says in a sentence why that failed."""

    error_messages = AdminAuthenticationForm.error_messages | {
        "invalid_login": in_language(
            en="E-mail or password is wrong.",
            ko="이메일 또는 비밀번호가 올바르지 않습니다.",
        ),
        "no_access": in_language(
            en="This account may not open the admin.",
            ko="이 계정은 관리자 페이지에 들어갈 수 없습니다.",
        ),
    }

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (Throttled, LimitsUnavailable) as exc:
            raise ValidationError(str(exc)) from exc
        user = self.get_user()
        if user and self.request:
            end_other_sign_in(self.request, user)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        if user.is_active and not user.is_staff:
            raise ValidationError(self.error_messages["no_access"], code="no_access")
        super().confirm_login_allowed(user)


admin.site.login_form = SignInForm


class NewUserForm(AdminUserCreationForm):
    """An address and a password; Django's username is filled in, as nobody signs in with it."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("email",)
        field_classes: ClassVar[dict[str, type[Field]]] = {}

    def save(self, commit: bool = True) -> User:
        name = self.cleaned_data["email"][:MAX_USERNAME]
        # Somebody else may have had this address before.
        is_taken = User.objects.filter(username=name).exists()
        self.instance.username = uuid4().hex if is_taken else name
        user: User = super().save(commit)
        return user


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts and their roles; permissions come from the groups."""

    add_form = NewUserForm
    add_fieldsets = [(None, {"fields": ["email", "usable_password", "password1", "password2"]})]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Person", {"fields": ["first_name", "last_name"]}),
        (
            "Permissions",
            {"fields": ["is_active", "groups", "is_staff", "is_superuser", "user_permissions"]},
        ),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    list_display = ["email", "name", "roles", "is_active", "is_staff"]
    ordering = ["email"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, *_args: Any) -> bool:
        # The logs name people: who leaves is deactivated.
        return False

    @admin.display(description="name", ordering="first_name")
    def name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())
