"""The accounts app: users and role groups."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.roles import grant_roles  # models are loaded only now

        # No sender: other apps' permissions come into being after accounts' own signal.
        post_migrate.connect(grant_roles, dispatch_uid="accounts.grant_roles")
