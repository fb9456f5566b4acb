"""The registry app: which models there are, which version of each serves, and their files."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from core.triggers import create_triggers


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        # Models are loaded only now.
        from registry.models.machine_types import seed_machine_types

        post_migrate.connect(
            seed_machine_types, sender=self, dispatch_uid="registry.seed_machine_types"
        )
        post_migrate.connect(create_triggers, sender=self, dispatch_uid="registry.create_triggers")
