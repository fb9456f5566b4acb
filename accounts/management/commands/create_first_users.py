"""manage.py create_first_users: make users who can sign in to a new server."""

import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import CommandParser
from django.db import transaction

from accounts.models import User
from core.commands import CommandWithExample


class Command(CommandWithExample):
    example = "--field-engineer"
    help = "Create an admin if there are no users, and print the password once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--field-engineer",
            action="store_true",
            help="also create a field engineer, who makes recordings",
        )
        parser.add_argument(
            "--passwords_file",
            type=Path,
            help="write the passwords to this file, for its owner alone, in place of printing them",
        )

    # Printed before the commit: a first user whose password nobody saw would lock everybody out.
    @transaction.atomic
    def handle(
        self, *, field_engineer: bool, passwords_file: Path | None = None, **options: Any
    ) -> None:
        if User.objects.exists():
            return
        lines = [create_admin()]
        if field_engineer:
            lines.append(create_field_engineer())

        if passwords_file is None:
            self.stdout.write("\n".join(lines))
        else:
            write_privately(passwords_file, lines)


def create_admin() -> str:
    """Create an administrator; return the line that tells the password."""
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(username="admin", email="admin@example.com", password=password)
    return f"Admin: admin@example.com, password {password} (shown only once)"


def create_field_engineer() -> str:
    """Create a field engineer; return the line that tells the password."""
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(
        username="engineer", email="engineer@example.com", password=password
    )
    user.groups.add(Group.objects.get(name="field engineer"))
    return f"Field engineer: engineer@example.com, password {password} (shown only once)"


def write_privately(path: Path, lines: list[str]) -> None:
    """Write lines that only the owner of the file may read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
