"""The registry's tables: machine types, models, versions, and the log of decisions."""

from registry.models.machine_types import MachineType
from registry.models.promotions import Action, Promotion
from registry.models.proposals import Proposal
from registry.models.registered_models import NewModel, RegisteredModel, RegisteredModelQuerySet
from registry.models.versions import ModelVersion, NewVersion, VersionFile

__all__ = [
    "Action",
    "MachineType",
    "ModelVersion",
    "NewModel",
    "NewVersion",
    "Promotion",
    "Proposal",
    "RegisteredModel",
    "RegisteredModelQuerySet",
    "VersionFile",
]
