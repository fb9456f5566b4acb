"""What other apps show on the registry's pages: it knows neither detectors nor training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.models import ModelVersion, RegisteredModel


@dataclass(frozen=True, slots=True)
class VersionPanel:
    """A row of the comparison: renders HTML for each version by primary key, or leaves it out."""

    title: str
    permission: str
    render: Callable[[Sequence[ModelVersion]], Mapping[int, SafeString]]


@dataclass(frozen=True, slots=True)
class ModelPanel:
    """A section of the page of a model."""

    title: str
    permission: str
    render: Callable[[HttpRequest, RegisteredModel], SafeString]


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """Facts that a curator compares before deciding: for each primary key, values by name."""

    permission: str
    collect: Callable[[Sequence[ModelVersion]], Mapping[int, Mapping[str, Any]]]


# Filled by the admin modules of the apps above, when they are loaded.
VERSION_PANELS: list[VersionPanel] = []
MODEL_PANELS: list[ModelPanel] = []
VERSION_FACTS: list[VersionFacts] = []
