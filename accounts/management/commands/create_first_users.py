"""manage.py create_first_users: make users who can sign in to a new server."""

import secrets
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts.models import User


class Command(BaseCommand):
    help = "Create an admin if there are no users, and print the password once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--field-engineer",
            action="store_true",
            help="also create a field engineer, who makes recordings",
        )

    # Printed before the commit: a first user whose password nobody saw would lock everybody out.
    @transaction.atomic
    def handle(self, *, field_engineer: bool, **options: Any) -> None:
        if User.objects.exists():
            return
        admin_password = secrets.token_urlsafe(12)
        User.objects.create_superuser(
            username="admin", email="admin@example.com", password=admin_password
        )
        self.stdout.write(f"Admin: admin@example.com, password {admin_password} (shown only once)")
        if field_engineer:
            password = secrets.token_urlsafe(12)
            user = User.objects.create_user(
                username="engineer", email="engineer@example.com", password=password
            )
            user.groups.add(Group.objects.get(name="field engineer"))
            self.stdout.write(
                f"Field engineer: engineer@example.com, password {password} (shown only once)"
            )
