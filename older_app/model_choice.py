"""Which model judges an upload of the older app."""

import re

from analysis.errors import ModelRequired
from analysis.models import Device
from registry.models import RegisteredModel

# A level, or a detector type, which begins with its level.
PREFERENCE = re.compile(r"level([1-9])(_[a-z0-9_]+)?")


def choose_model(*, model_id: str, device: Device | None, model_preference: str) -> RegisteredModel:
    """Return the model that is named, else one for the machine, of the type or level asked for.

    Without model_id: the device's own model if it is of that type or level, else the default of
    its machine type, else the first by id. There is no other: ModelRequired.
    """
    if model_id:
        return RegisteredModel.objects.get_by_id(model_id)
    if device is None:
        raise ModelRequired("Name a model as target_model_id, or a device that is known.")
    if device.preferred_model and not model_preference:
        return device.preferred_model

    offered = RegisteredModel.objects.selectable().filter(machine_type=device.machine_type_id)
    wanted = [model for model in offered if suits(model, model_preference)]
    if not wanted:
        raise ModelRequired(
            f"No model {f'of {model_preference} ' if model_preference else ''}is offered for the "
            f"machine type {device.machine_type_id}. Name a model as target_model_id."
        )
    own_id = device.preferred_model_id
    return min(
        wanted,
        key=lambda model: (model.pk != own_id, not model.is_default, model.level, model.pk),
    )


def suits(model: RegisteredModel, preference: str) -> bool:
    """Return whether a model is of this type or of this level; any is where none is asked for."""
    return preference in ("", model.type, f"level{model.level}")
