"""Detectors: what a version becomes when it is read. numpy only; fitting lives in training."""

from analysis.detectors.artifact import Artifact, read, write
from analysis.detectors.base import Contributions, Detector, Prediction
from analysis.detectors.legacy import LegacyArtifact

__all__ = ["Artifact", "Contributions", "Detector", "LegacyArtifact", "Prediction", "read", "write"]
