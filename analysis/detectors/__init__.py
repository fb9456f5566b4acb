"""Detectors: what a version becomes when it is read. numpy only; fitting lives in training."""

from analysis.detectors.artifact import Artifact, read, write
from analysis.detectors.base import Detector, Hearing, Traits
from analysis.detectors.legacy import LegacyArtifact

__all__ = ["Artifact", "Detector", "Hearing", "LegacyArtifact", "Traits", "read", "write"]
