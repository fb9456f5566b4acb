"""Registered models: what a field engineer picks, and how new versions come to them."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.verbs import alters_data
from registry.errors import IncompleteVersion, ModelTypeMismatch, UnknownModel, UnknownVersion
from registry.models.curated import Curated
from registry.models.figures import annotate_figures
from registry.models.machine_types import MachineType
from registry.models.promotions import (
    ACTIVITY_ACTIONS,
    SERVING_ACTIONS,
    Action,
    Promotion,
    PromotionQuerySet,
)
from registry.models.versions import ModelVersion, NewVersion, VersionFile
from registry.names import (
    MAX_MODEL_ID_LENGTH,
    TYPES_WITHOUT_CALIBRATION,
    check_model_id,
    check_type,
    model_id_validator,
)
from registry.signals import publish_event, version_published

if TYPE_CHECKING:
    from accounts.models import User

VERSION_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel:
    """A model to publish to; one that exists already keeps its own name and description."""

    id: str
    type: str
    machine_type: str
    name: str = ""
    description: str = ""


class RegisteredModelQuerySet(models.QuerySet["RegisteredModel"]):
    def selectable(self) -> "RegisteredModelQuerySet":
        """Keep what the app may pick: active models with a serving version."""
        return self.filter(is_active=True, serving_version__isnull=False)

    def defaults(self) -> "RegisteredModelQuerySet":
        return self.filter(is_default=True)

    def recommended(self) -> "RegisteredModelQuerySet":
        """Keep of each machine type the default of the highest level: what a machine brings."""
        return self.filter(self._build_recommendation())

    def _build_recommendation(self) -> Q:
        of_this_type = self.model.objects.defaults().filter(machine_type=OuterRef("machine_type"))
        is_outdone = Exists(of_this_type.filter(level__gt=OuterRef("level")))
        return Q(~is_outdone, is_default=True)

    def suitable_for(
        self, *, device_type: str | None = None, level: int | None = None
    ) -> "RegisteredModelQuerySet":
        """Keep the models for a machine type and of a level, where these are given."""
        wanted = {"machine_type": device_type, "level": level}
        return self.filter(
            **{column: value for column, value in wanted.items() if value is not None}
        )

    def with_serving_version(self) -> "RegisteredModelQuerySet":
        """Fetch the serving version with its figures and files; is_calibrated: it can judge.

        is_recommended: as in recommended().
        """
        is_calibrated = ExpressionWrapper(
            ~Q(type__in=TYPES_WITHOUT_CALIBRATION) | Q(calibrated_on__isnull=False),
            BooleanField(),
        )
        rows = annotate_figures(self, version="serving_version").annotate(
            is_calibrated=is_calibrated,
            is_recommended=ExpressionWrapper(self._build_recommendation(), BooleanField()),
        )
        return rows.select_related("serving_version").prefetch_related("serving_version__files")

    def get_by_id(self, model_id: str) -> "RegisteredModel":
        """Return the model of this id, or raise UnknownModel."""
        try:
            return self.select_related("serving_version").get(pk=model_id)
        except self.model.DoesNotExist as exc:
            raise UnknownModel(f"There is no model {model_id!r}.") from exc

    def get_version(self, name: str) -> ModelVersion:
        """Return the version `MODEL_ID@NUMBER`, or the serving one of `MODEL_ID`, active or not."""
        model_id, has_number, number = name.partition("@")
        model = self.get_by_id(model_id)
        if not has_number:
            return model.get_serving_version()

        version = None
        if VERSION_NUMBER.fullmatch(number):
            version = model.versions.filter(number=number).first()
        if version is None:
            raise UnknownVersion(f"Model {model_id} has no version {number!r}.")
        return version

    def served_at(self, moment: datetime) -> PromotionQuerySet:
        """Return, for each model active at that moment, the log's row whose `to_version` served."""
        # By key, not by time: decisions about one model queue up for a lock, clocks do not.
        earlier = Promotion.objects.filter(model=OuterRef("pk"), at__lte=moment).order_by("-pk")
        # SQLite uses the partial index only where its condition on to_version is repeated.
        serving = earlier.filter(kind__in=SERVING_ACTIONS, to_version__isnull=False)
        activity = earlier.filter(kind__in=ACTIVITY_ACTIONS, to_version__isnull=True)
        # A model begins active.
        last_activity = Coalesce(Subquery(activity.values("kind")[:1]), Value(Action.ACTIVATE))

        # Two index lookups a model; starting from the log it would be two for each of its rows.
        was_active = self.alias(activity=last_activity).filter(activity=Action.ACTIVATE)
        keys = was_active.order_by().values_list(Subquery(serving.values("pk")[:1]))
        return Promotion.objects.filter(pk__in=keys)

    def get_newest_versions(self) -> dict[str, ModelVersion]:
        """Return the newest version of each model, serving or not, in one query."""
        of_model = ModelVersion.objects.filter(registered_model=OuterRef("pk")).order_by("-number")
        newest = Subquery(of_model.values("pk")[:1])
        keys = self.order_by().annotate(newest=newest).values("newest")
        rows = ModelVersion.objects.filter(pk__in=keys).order_by()
        return {version.registered_model_id: version for version in rows}

    @alters_data
    @transaction.atomic
    def publish(
        self,
        model: NewModel,
        version: NewVersion,
        *,
        serve: bool,
        by: "User | None",
        why: str = "published",
    ) -> ModelVersion:
        """Register a version whose files are stored, with its model if that is new; serve it."""
        check_model_id(model.id)
        check_type(model.type)
        if "serving" not in {file.role for file in version.files}:
            raise IncompleteVersion("A version needs a serving form.")

        # Two publishers to one id must get two numbers, so they queue up here.
        machine_type = MachineType.objects.lock(model.machine_type)
        row, _ = self.get_or_create(
            pk=model.id,
            defaults={
                "type": model.type,
                "machine_type": machine_type,
                "name": model.name or model.id,
                "description": model.description,
            },
        )
        row.check_same_type(type=model.type, machine_type=model.machine_type)

        published = row._insert_version(version)
        if serve:
            row.decide(Action.SERVE, published, by=by, why=why)
        publish_event(version_published, RegisteredModel, version=published)
        return published


class RegisteredModel(Curated):
    """What a field engineer picks: a named detector whose serving version can move."""

    id = models.SlugField(
        primary_key=True,
        max_length=MAX_MODEL_ID_LENGTH,
        validators=[model_id_validator],
        editable=False,
    )
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    objects = RegisteredModelQuerySet.as_manager()

    class Meta:
        ordering = ["-is_default", "id"]
        # Models are made by publishing and never deleted.
        default_permissions = ["change", "view"]
        permissions = [
            ("curate_registeredmodel", "Can decide which models and versions are offered")
        ]
        constraints = [
            # At most one. "At least one" is a curator's choice, not a rule.
            models.UniqueConstraint(
                fields=["machine_type", "level"],
                condition=Q(is_default=True),
                name="registry_one_default_per_machine_type_and_level",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(is_active=True, serving_version__isnull=False),
                name="registry_a_default_can_serve",
            ),
            models.CheckConstraint(
                condition=Q(level__range=(1, 9)), name="registry_type_begins_with_level"
            ),
            models.CheckConstraint(condition=~Q(id="match"), name="registry_match_is_no_model_id"),
        ]
        indexes = [
            models.Index(F("is_default").desc(), "id", name="registry_models_in_order"),
            models.Index(
                F("is_default").desc(),
                "id",
                condition=Q(is_active=True, serving_version__isnull=False),
                name="registry_offered_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    def check_same_type(self, *, type: str, machine_type: str) -> None:
        """Refuse a version of another type or for another machine type."""
        if (self.type, self.machine_type_id) != (type, machine_type):
            raise ModelTypeMismatch(
                f"Model {self.id} exists as {self.type} for {self.machine_type_id}. "
                f"A {type} for {machine_type} needs another id."
            )

    def _insert_version(self, new: NewVersion) -> ModelVersion:
        """Insert the next version and its files, under publish()'s lock."""
        latest = self.versions.aggregate(latest=Max("number"))["latest"] or 0
        version = self.versions.create(
            number=latest + 1,
            dataset_path=new.dataset_path,
            dataset_fingerprint=new.dataset_fingerprint,
            sample_count=new.sample_count,
            parameters=dict(new.parameters),
            metrics=dict(new.metrics),
            library_versions=dict(new.library_versions),
            created_at=new.created_at or timezone.now(),
        )
        VersionFile.objects.bulk_create(
            VersionFile(
                version=version,
                role=file.role,
                name=file.name,
                path=file.path,
                sha256=file.sha256,
                size=file.size,
            )
            for file in new.files
        )
        return version
