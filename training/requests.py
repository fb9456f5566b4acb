"""Defines what training is asked for, and refuses what can be refused before reading anything."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from string import digits
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError

from analysis.detectors.calibration import MAX_FALSE_ALARM_RATE, MIN_FALSE_ALARM_RATE
from registry.errors import ModelInactive
from registry.models import MachineType, RegisteredModel
from registry.models.machine_types import SEED_MACHINE_TYPES
from registry.names import check_file_name, check_model_id, check_type
from training.checks.folder_names import check_names
from training.datasets.csv_recordings import check_csv_sample_rate
from training.datasets.group_patterns import compile_pattern, find_group_pattern
from training.datasets.listing import Listing, list_recordings
from training.errors import InvalidOption

if TYPE_CHECKING:
    from accounts.models import User

UNSPECIFIED = "unspecified"
ENDS_IN_VERSION = re.compile(r"_v\d+$")
MAX_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """Everything that decides what a training run makes.

    file_names: the requested ones, by role: of the exchange form, or of the serving form where that
    is both. The other files are named after the first. parameters: the fitter's own.
    """

    detector_type: str
    model_id: str
    machine_type: str
    file_names: Mapping[str, str]
    data_dir: Path
    parameters: Mapping[str, Any]
    name: str = ""
    description: str = ""
    is_candidate: bool = False
    make_default: bool = False
    seed: int = 0
    group_by: str | None = None
    target_false_alarm_rate: float = 0.05
    accelerator: str = "auto"
    is_strict: bool = False
    keep_outliers: bool = False
    allow_names: bool = False
    csv_sample_rate_hz: int = 16_000
    test_normal: Path | None = None
    test_abnormal: Path | None = None
    by: "User | None" = None

    @property
    def stem(self) -> str:
        """Return what the serving form and the sidecar are named after."""
        return Path(next(iter(self.file_names.values()))).stem

    @property
    def all_file_names(self) -> dict[str, str]:
        """Return the name of every file of the version, by role."""
        return {
            "serving": f"{self.stem}.npz",
            **self.file_names,
            "sidecar": f"{self.stem}_meta.json",
        }

    @property
    def recorded_parameters(self) -> dict[str, Any]:
        """Return what the version, the run and the sidecar store of the request."""
        return {
            **self.parameters,
            "seed": self.seed,
            "group_by": self.group_by,
            "keep_outliers": self.keep_outliers,
            "allow_names": self.allow_names,
            "target_false_alarm_rate": self.target_false_alarm_rate,
        }

    def with_group_pattern(self, names: list[str]) -> Self:
        """Return the request with a pattern that finds sessions in the names, if it has none."""
        if self.group_by is not None:
            return self
        return replace(self, group_by=find_group_pattern(names))

    def check(self) -> None:
        """Refuse options that cannot end well, before anything is read."""
        self._check_names()
        self._check_numbers()
        compile_pattern(self.group_by)
        self._check_model()

    def _check_names(self) -> None:
        for file_name in self.file_names.values():
            check_file_name(file_name)
        check_model_id(self.model_id)
        check_type(self.detector_type)

        if not self.all_file_names["serving"].endswith(".npz"):
            level = self.detector_type.partition("_")[0].removeprefix("level")
            raise InvalidOption(
                f"--output_name must end in .npz: level {level} models are saved as .npz files."
            )
        names = list(self.all_file_names.values())
        if len({name.casefold() for name in names}) < len(names):
            raise InvalidOption(f"The files of a version need different names: {', '.join(names)}.")

    def _check_numbers(self) -> None:
        check_target_rate(self.target_false_alarm_rate)
        check_csv_sample_rate(self.csv_sample_rate_hz)
        if not 0 <= self.seed <= MAX_SEED:
            raise InvalidOption(f"--seed must be 0 to {MAX_SEED}.")
        if self.is_candidate and self.make_default:
            raise InvalidOption(
                "--candidate and --make_default exclude each other: a candidate does not serve."
            )
        for name, value in self.parameters.items():
            if not isinstance(value, str) and not (isfinite(value) and value > 0):
                raise InvalidOption(f"--{name} must be above 0.")
        if self.parameters.get("batch_size") == 1:
            raise InvalidOption(
                "--batch_size must be at least 2: batch normalisation needs several samples."
            )

    def _check_model(self) -> None:
        try:
            MachineType(slug=self.machine_type, name=self.machine_type).clean_fields()
        except ValidationError as exc:
            raise InvalidOption(
                f"--machine_type {self.machine_type!r}: {' '.join(exc.messages)}"
            ) from exc

        model = RegisteredModel(id=self.model_id, name=self.name or self.model_id)
        try:
            model.clean_fields(exclude=["type"])
        except ValidationError as exc:
            raise InvalidOption(f"--name: {' '.join(exc.messages)}") from exc

        existing = RegisteredModel.objects.filter(pk=self.model_id).first()
        if existing:
            existing.check_same_type(type=self.detector_type, machine_type=self.machine_type)
        if existing and self.make_default and not existing.is_active:
            raise ModelInactive(
                f"Model {self.model_id} is not active, so --make_default is not possible."
            )


@dataclass(frozen=True, slots=True)
class Folders:
    """The folders of a request, each listed once; tests: those that were given, by name."""

    training: Listing
    tests: Mapping[str, Listing]


def list_folders(request: TrainingRequest) -> Folders:
    """List the folders; NoRecordings for one that is missing or has no recordings.

    SuspectNames where names in the training folder speak of faults, unless they are allowed.
    """
    training = list_recordings(request.data_dir)
    if not request.allow_names:
        check_names(training)
    given = {"test_normal": request.test_normal, "test_abnormal": request.test_abnormal}
    tests = {name: list_recordings(folder) for name, folder in given.items() if folder}
    return Folders(training, tests)


def check_target_rate(rate: float) -> None:
    """Refuse a rate that is too small to be measured, or no rare event."""
    if not MIN_FALSE_ALARM_RATE <= rate <= MAX_FALSE_ALARM_RATE:
        raise InvalidOption(
            f"--target_false_alarm_rate must be {MIN_FALSE_ALARM_RATE} to {MAX_FALSE_ALARM_RATE}."
        )


def resolve_machine_type(option: str | None, model_id: str) -> str:
    """Return the option, else the existing model's type, else a known one in the id."""
    if option:
        return option
    existing = RegisteredModel.objects.filter(pk=model_id).first()
    if existing:
        return existing.machine_type_id
    parts = (part.rstrip(digits) for part in model_id.split("_"))
    return next((part for part in parts if part in SEED_MACHINE_TYPES), UNSPECIFIED)


def version_hint(model_id: str) -> str | None:
    """Return what to tell someone whose model id looks like that of a version."""
    if not ENDS_IN_VERSION.search(model_id):
        return None
    base = ENDS_IN_VERSION.sub("", model_id)
    return (
        f"{model_id} is a model of its own. --model_id {base} would make this the next version of "
        f"{base}."
    )
