"""The registry app: which models there are, which version of each serves, and their bytes."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        # Models are loaded only now.
        from registry.machine_types import seed_machine_types
        from registry.triggers import put_up_triggers

        post_migrate.connect(seed_machine_types, sender=self, dispatch_uid="registry.seed_machine_types")
        post_migrate.connect(put_up_triggers, sender=self, dispatch_uid="registry.put_up_triggers")
