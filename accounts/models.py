"""Users, who sign in with an e-mail address in upper or lower case, and sign-ins that ended."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class EmailUserManager(UserManager["User"]):
    """Stores e-mail addresses in lower case and finds them in any."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person of the plant; what they may do comes from their role groups (roles.py)."""

    email = models.EmailField("e-mail address", unique=True, help_text="Used to sign in.")
    # The same field with a help text that tells a curator's administrator what to tick.
    is_staff = models.BooleanField(
        "staff status",
        default=False,
        help_text=(
            "May open this admin. A curator needs it: "
            "the curator group gives the rights, this opens the door."
        ),
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["username"]

    objects: ClassVar = EmailUserManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_one_user_per_email",
                violation_error_message="A user with this e-mail address exists.",
            )
        ]

    def __str__(self) -> str:
        return self.email


class EndedSignInQuerySet(models.QuerySet["EndedSignIn"]):
    """The sign-ins that ended before their tokens did."""

    def end(self, sign_in: str) -> None:
        """Refuse the tokens of a sign-in from now on; forget those that are too old anyway."""
        # A day more, as clocks differ.
        lifetime = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"] + timedelta(days=1)
        self.filter(ended_at__lt=timezone.now() - lifetime).delete()
        self.get_or_create(pk=UUID(sign_in))


class EndedSignIn(models.Model):
    """A sign-in of a browser that was signed out, so that the app's tokens end with the cookie."""

    id = models.UUIDField(primary_key=True)
    ended_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = EndedSignInQuerySet.as_manager()

    class Meta:
        # No page shows it, so nobody may be allowed to see or change it.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
