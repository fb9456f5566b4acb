"""What other apps draw on a model's page: the registry knows neither detectors nor training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.models import ModelVersion, RegisteredModel


@dataclass(frozen=True, slots=True)
class VersionPanel:
    """A row of the comparison: one drawing for each version, by primary key; what is missing stays empty."""

    title: str
    permission: str
    draw: Callable[[Sequence[ModelVersion]], Mapping[int, SafeString]]


@dataclass(frozen=True, slots=True)
class ModelPanel:
    """A section of the page of a model."""

    title: str
    permission: str
    draw: Callable[[HttpRequest, RegisteredModel], SafeString]


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What a curator should know of versions before one of them is decided for: by primary key, then by name."""

    permission: str
    tell: Callable[[Sequence[ModelVersion]], Mapping[int, Mapping[str, Any]]]


# Filled by the admin modules of the apps above, when they are loaded.
VERSION_PANELS: list[VersionPanel] = []
MODEL_PANELS: list[ModelPanel] = []
VERSION_FACTS: list[VersionFacts] = []
