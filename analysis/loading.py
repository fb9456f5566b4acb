"""Detectors by version, from the cache or from storage, and the limits of a recording."""

from dataclasses import dataclass
from typing import TypeAlias

from django.conf import settings

from analysis import detectors
from analysis.sound.audio import Limits
from registry.cache import model_cache
from registry.models import ModelVersion

AnyArtifact: TypeAlias = detectors.Artifact | detectors.LegacyArtifact


@dataclass(frozen=True, slots=True)
class LoadedDetector:
    """A detector in memory, and the digest of the file that it was read from."""

    artifact: AnyArtifact
    sha256: str

    @property
    def nbytes(self) -> int:
        """Bytes that its arrays take in memory."""
        return self.artifact.nbytes


def get_limits() -> Limits:
    """Return how large and how long one recording may be."""
    return Limits(max_bytes=settings.MAX_UPLOAD_BYTES, max_seconds=settings.MAX_RECORDING_SECONDS)


def detector_for(version: ModelVersion, *, peek: bool = False) -> AnyArtifact:
    """Return the detector of a version, ready to predict."""
    return load(version, peek=peek).artifact


def load(version: ModelVersion, *, peek: bool = False) -> LoadedDetector:
    """Return the detector of a version from this process's cache, or read it now.

    peek: do not push another detector out of the cache for this one.
    """
    # A version never changes, so a cached entry can never go stale.
    return model_cache.get_or_load(version.pk, lambda: load_from_storage(version), peek=peek)


def load_from_storage(version: ModelVersion) -> LoadedDetector:
    """Read the serving form; the bytes are checked against their digest before parsing."""
    file = version.get_file("serving")
    return LoadedDetector(detectors.read(file.read()), file.sha256)
