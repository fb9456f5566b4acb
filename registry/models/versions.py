"""Versions: what one training produced, and its files. Never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.append_only import AppendOnlyModel
from core.triggers import Guard
from core.verbs import alters_data
from registry import storage
from registry.errors import ArtifactCorrupt, ArtifactUnavailable
from registry.storage import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version to publish; its files are stored already."""

    files: Sequence[StoredFile]
    dataset_path: str
    dataset_fingerprint: str
    sample_count: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    library_versions: Mapping[str, str] = field(default_factory=dict)
    # Given for a version that was trained before it was imported.
    created_at: datetime | None = None


class ModelVersion(AppendOnlyModel):
    """An immutable trained artifact: version `number` of a registered model."""

    registered_model = models.ForeignKey(
        "registry.RegisteredModel", models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField()
    dataset_path = models.TextField()
    dataset_fingerprint = models.CharField(max_length=64)
    sample_count = models.PositiveIntegerField()
    parameters = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    library_versions = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    guard = Guard(mutable=frozenset({"archived_at"}))

    class Meta:
        ordering = ["registered_model", "-number"]
        # Versions come from training and stay: there is nothing to add, change or delete by hand.
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(
                fields=["registered_model", "number"], name="registry_one_version_per_number"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="registry_version_numbers_begin_at_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registered_model_id} v{self.number}"

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def find_file(self, role: str) -> "VersionFile | None":
        """Return the file of a role, from the prefetched files if there are any."""
        return next((file for file in self.files.all() if file.role == role), None)

    def get_file(self, role: str) -> "VersionFile":
        """Return the file of a role, or raise ArtifactUnavailable."""
        file = self.find_file(role)
        if file is None:
            raise ArtifactUnavailable(f"{self} has no {role} file.")
        return file

    def read_file(self, role: str) -> bytes:
        """Read the file of a role and check it against its digest."""
        return self.get_file(role).read()

    @property
    def file_name(self) -> str:
        """The name of the exchange form, or of the serving form where there is no other."""
        file = self.find_file("exchange") or self.find_file("serving")
        return file.name if file else ""

    @property
    def meta_file(self) -> str | None:
        """The name of the sidecar."""
        file = self.find_file("sidecar")
        return file.name if file else None

    @alters_data
    def mark_archived(self) -> None:
        """Mark as archived; only RegisteredModel.archive() calls it."""
        self._set_archived_at(timezone.now())

    @alters_data
    def mark_restored(self) -> None:
        """Mark as not archived; only RegisteredModel.restore() calls it."""
        self._set_archived_at(None)

    def _set_archived_at(self, moment: datetime | None) -> None:
        # Past save(), which refuses: whether a version is archived is not part of the version.
        ModelVersion._base_manager.filter(pk=self.pk).update(archived_at=moment)
        self.refresh_from_db(fields=["archived_at"])


class VersionFile(AppendOnlyModel):
    """One stored file of a version, and the digest of its bytes."""

    class Role(models.TextChoices):
        SERVING = "serving", "serving form"
        EXCHANGE = "exchange", "exchange form"
        SCALER = "scaler", "scaler of the exchange form"
        SIDECAR = "sidecar", "sidecar"

    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="files")
    role = models.CharField(max_length=20, choices=Role)
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=500, unique=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()

    guard = Guard()

    class Meta:
        ordering = ["pk"]
        default_permissions = ["view"]
        constraints = [
            models.UniqueConstraint(fields=["version", "role"], name="registry_one_file_per_role"),
        ]

    def __str__(self) -> str:
        return self.name

    def read(self) -> bytes:
        """Read the bytes that were published; raise ArtifactUnavailable or ArtifactCorrupt."""
        try:
            return storage.read(self.path, sha256=self.sha256, size=self.size)
        except (ArtifactUnavailable, ArtifactCorrupt) as exc:
            raise type(exc)(f"{self.version}: {exc}") from exc.__cause__ or exc
