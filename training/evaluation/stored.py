"""Reads the metrics that an evaluation's row stores, without the libraries that computed them."""

from collections.abc import Mapping
from typing import TypedDict


class StoredEstimate(TypedDict):
    """A value and its 95 % interval; low and high are None where no interval can be given."""

    value: float
    low: float | None
    high: float | None


def strongest_direction(level_only: Mapping[str, StoredEstimate]) -> tuple[str, float]:
    """Return the direction in which loudness alone tells most, and its AUC."""
    strongest = max(level_only, key=lambda direction: level_only[direction]["value"])
    return strongest, level_only[strongest]["value"]
