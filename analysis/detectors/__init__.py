"""Detectors: what a version becomes when it is read. numpy only; fitting lives in training."""

from analysis.detectors.artifact import Artifact, Hearing, Traits, read, write
from analysis.detectors.base import Detector

__all__ = ["Artifact", "Detector", "Hearing", "Traits", "read", "write"]
