"""Versions ready to listen: read from storage once, kept in the cache."""

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
    """A version ready to listen, and the digest of the file that it was read from."""

    artifact: AnyArtifact
    sha256: str

    @property
    def nbytes(self) -> int:
        """Bytes that it takes in memory."""
        return self.artifact.nbytes


def get_limits() -> Limits:
    """What one recording may cost."""
    return Limits(max_bytes=settings.MAX_UPLOAD_BYTES, max_seconds=settings.MAX_RECORDING_SECONDS)


def detector_for(version: ModelVersion, *, peek: bool = False) -> AnyArtifact:
    """Return the version ready to listen."""
    return load(version, peek=peek).artifact


def load(version: ModelVersion, *, peek: bool = False) -> LoadedDetector:
    """Return what this process's cache holds of the version, read now if need be; in passing it displaces no other."""
    # A version never changes, so a cached entry can never go stale.
    return model_cache.get_or_load(version.pk, lambda: load_from_storage(version), peek=peek)


def load_from_storage(version: ModelVersion) -> LoadedDetector:
    """Read the serving form, whose bytes are held against their digest."""
    file = version.get_file("serving")
    return LoadedDetector(detectors.read(file.read()), file.sha256)
