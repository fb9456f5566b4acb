"""The registry app: which models there are, which version of each serves, and their bytes."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from core.triggers import MUTABLE_COLUMNS, create_triggers


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        # Whether a version is archived is not of the version.
        MUTABLE_COLUMNS["registry.ModelVersion"] = ({"archived_at"}, None)
        MUTABLE_COLUMNS["registry.VersionFile"] = (set(), None)
        MUTABLE_COLUMNS["registry.Promotion"] = (set(), None)
        decision = {"state", "decided_by_id", "decided_by_email", "decided_why", "decided_at"}
        MUTABLE_COLUMNS["registry.Proposal"] = (decision, "OLD.state <> 'pending'")
        # Models are loaded only now.
        from registry.models.machine_types import seed_machine_types

        post_migrate.connect(
            seed_machine_types, sender=self, dispatch_uid="registry.seed_machine_types"
        )
        post_migrate.connect(create_triggers, sender=self, dispatch_uid="registry.create_triggers")
