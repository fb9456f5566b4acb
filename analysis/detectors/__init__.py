"""Detectors, from the serving form of a version to a prediction; fitting them is in training."""

from analysis.detectors.artifact import Artifact
from analysis.detectors.base import Contributions, Detector, Prediction
from analysis.detectors.legacy_artifact import LegacyArtifact
from analysis.detectors.serving_form import read, write

__all__ = [
    "Artifact",
    "Contributions",
    "Detector",
    "LegacyArtifact",
    "Prediction",
    "read",
    "write",
]
