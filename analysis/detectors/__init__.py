"""Detectors: what a version becomes when it is read. numpy only; fitting lives in training."""

from analysis.detectors.artifact import Artifact, Hearing, read, write
from analysis.detectors.base import Detector

__all__ = ["Artifact", "Detector", "Hearing", "read", "write"]
