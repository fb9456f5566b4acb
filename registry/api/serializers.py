"""Registered models as the app sees them."""

from typing import Any

from rest_framework import serializers

from core.queries import ListQuery
from registry.models import ModelVersion, RegisteredModel
from registry.models.figures import Figures


class ModelFilter(ListQuery):
    """The filters of the list of models."""

    device_type = serializers.CharField(
        required=False, max_length=100, help_text="The slug of a machine type."
    )
    level = serializers.IntegerField(required=False, min_value=1, max_value=9)


class MetricsOut(serializers.DictField):
    """The metrics of a version, without those that are outdated."""

    def get_attribute(self, row: Any) -> dict[str, Any]:
        version: Any = super().get_attribute(row)
        return Figures.of(version, annotated=row).metrics


class IsTestedOut(serializers.BooleanField):
    """Whether a version was tested on recordings of faults."""

    def get_attribute(self, row: Any) -> bool:
        version: Any = super().get_attribute(row)
        return Figures.of(version, annotated=row).is_tested


class FindingOut(serializers.Serializer[Any]):
    """What training found in the recordings of a version."""

    code = serializers.CharField()
    detail = serializers.CharField(help_text="In English.")
    blocks_serving = serializers.BooleanField(
        help_text="Whether the version had to wait for a curator because of it."
    )


class FindingsOut(serializers.ListField):
    """The findings against a version, those that kept it from serving first."""

    child = FindingOut()

    def get_attribute(self, row: Any) -> list[Any]:
        version: Any = super().get_attribute(row)
        findings = Figures.of(version, annotated=row).findings
        return sorted(findings, key=lambda finding: not finding.blocks_serving)


class VersionOut(serializers.ModelSerializer[ModelVersion]):
    """One trained version; its files are given by name, without a location."""

    version = serializers.IntegerField(source="number")
    file_name = serializers.CharField()
    meta_file = serializers.CharField(allow_null=True)
    metrics = MetricsOut(source="*")
    is_tested = IsTestedOut(
        source="*", read_only=True, help_text="Whether it was tested on recordings of faults."
    )
    findings = FindingsOut(
        source="*", read_only=True, help_text="What training found in the recordings."
    )

    class Meta:
        model = ModelVersion
        fields = [
            "version",
            "file_name",
            "meta_file",
            "metrics",
            "is_tested",
            "findings",
            "created_at",
        ]


class ModelOut(serializers.ModelSerializer[RegisteredModel]):
    """A model, with the version that serves."""

    level = serializers.IntegerField()
    is_calibrated = serializers.BooleanField(
        help_text="Whether it has thresholds; without, recordings are refused as not_calibrated."
    )
    is_recommended = serializers.BooleanField(
        help_text="Whether it judges machines of its type that prefer no other model: the default "
        "of the highest level.",
    )
    is_tested = IsTestedOut(
        source="serving_version",
        read_only=True,
        help_text="Whether its version was tested on recordings of faults; without, nobody knows "
        "how many faults it finds.",
    )
    version = serializers.IntegerField(source="serving_version.number")
    file_name = serializers.CharField(source="serving_version.file_name")
    meta_file = serializers.CharField(source="serving_version.meta_file", allow_null=True)
    metrics = MetricsOut(source="serving_version")
    sample_count = serializers.IntegerField(
        source="serving_version.sample_count",
        help_text="How many recordings of healthy machines it was trained on.",
    )
    created_at = serializers.DateTimeField(source="serving_version.created_at")

    class Meta:
        model = RegisteredModel
        fields = [
            "id",
            "name",
            "type",
            "level",
            "machine_type",
            "description",
            "is_default",
            "is_recommended",
            "is_calibrated",
            "is_tested",
            "version",
            "file_name",
            "meta_file",
            "metrics",
            "sample_count",
            "created_at",
        ]
        read_only_fields = fields


class ModelWithVersions(ModelOut):
    """A model with the versions that could serve, newest first."""

    versions = VersionOut(many=True, source="latest_versions")

    class Meta(ModelOut.Meta):
        fields = [*ModelOut.Meta.fields, "versions"]
