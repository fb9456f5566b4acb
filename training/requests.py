"""What training is asked for, and what can be refused before any recording is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from string import digits
from typing import TYPE_CHECKING, Any, Self

from django.core.exceptions import ValidationError

from analysis.detectors.calibration import MAX_FALSE_ALARM_RATE, MIN_FALSE_ALARM_RATE
from analysis.sound.audio import MAX_SOURCE_RATE_HZ, MIN_SOURCE_RATE_HZ
from registry.errors import ModelInactive
from registry.models import MachineType, RegisteredModel
from registry.models.machine_types import SEED_MACHINE_TYPES
from registry.names import check_file_name, check_model_id, check_type
from training.datasets.datasets import compile_pattern, display_name, find_recordings
from training.datasets.group_patterns import find_group_pattern
from training.errors import InvalidOption

if TYPE_CHECKING:
    from accounts.models import User

UNSPECIFIED = "unspecified"
ENDS_IN_VERSION = re.compile(r"_v\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """Everything that decides what a training run makes.

    file_names: those that were asked for, by role, the first of which names the others: of the exchange form or, where
    that is the serving form itself, of that. parameters: the fitter's own.
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
    csv_sample_rate_hz: int = 16_000
    test_normal: Path | None = None
    test_abnormal: Path | None = None
    by: "User | None" = field(default=None)

    @property
    def stem(self) -> str:
        """What the serving form and the sidecar are named after."""
        return Path(next(iter(self.file_names.values()))).stem

    @property
    def all_file_names(self) -> dict[str, str]:
        """The name of every file of the version, by role."""
        return {
            "serving": f"{self.stem}.npz",
            **self.file_names,
            "sidecar": f"{self.stem}_meta.json",
        }

    @property
    def recorded_parameters(self) -> dict[str, Any]:
        """What the version, the run and the sidecar remember of it."""
        return {
            **self.parameters,
            "seed": self.seed,
            "group_by": self.group_by,
            "keep_outliers": self.keep_outliers,
            "target_false_alarm_rate": self.target_false_alarm_rate,
        }

    def with_group_pattern(self) -> Self:
        """As it is; where nobody said how names tell takes, with the pattern that finds them."""
        if self.group_by is not None:
            return self
        names = [display_name(path, self.data_dir) for path in find_recordings(self.data_dir)]
        return replace(self, group_by=find_group_pattern(names))

    def check(self) -> None:
        """Refuse what cannot come to a good end, before it costs anything."""
        for file_name in self.file_names.values():
            check_file_name(file_name)
        check_model_id(self.model_id)
        check_type(self.detector_type)
        if not self.all_file_names["serving"].endswith(".npz"):
            raise InvalidOption(
                f"--output_name {self.all_file_names['serving']!r} must end in .npz: that is what it is."
            )
        names = list(self.all_file_names.values())
        if len({name.casefold() for name in names}) < len(names):
            raise InvalidOption(f"The files of a version need different names: {', '.join(names)}.")
        self._check_numbers()
        compile_pattern(self.group_by)
        for folder in filter(None, (self.data_dir, self.test_normal, self.test_abnormal)):
            find_recordings(folder)
        self._check_model()

    def _check_numbers(self) -> None:
        check_target_rate(self.target_false_alarm_rate)
        if not 0 <= self.seed < 2**31:
            raise InvalidOption("--seed must be at least 0 and below 2147483648.")
        if self.is_candidate and self.make_default:
            raise InvalidOption(
                "A --candidate does not serve, so it cannot be given --make_default."
            )
        numbers = {
            name: value for name, value in self.parameters.items() if not isinstance(value, str)
        }
        for name, value in numbers.items():
            if not (isfinite(value) and value > 0):
                raise InvalidOption(f"--{name} must be above 0.")
        if self.parameters.get("batch_size") == 1:
            raise InvalidOption(
                "--batch_size must be at least 2: batch normalisation compares the members of a batch."
            )
        check_csv_sample_rate(self.csv_sample_rate_hz)

    def _check_model(self) -> None:
        try:
            MachineType(slug=self.machine_type, name=self.machine_type).clean_fields()
        except ValidationError as exc:
            raise InvalidOption(
                f"--machine_type {self.machine_type!r}: {' '.join(exc.messages)}"
            ) from exc
        try:
            RegisteredModel(id=self.model_id, name=self.name or self.model_id).clean_fields(
                exclude=["type"]
            )
        except ValidationError as exc:
            raise InvalidOption(f"--name: {' '.join(exc.messages)}") from exc
        existing = RegisteredModel.objects.filter(pk=self.model_id).first()
        if existing:
            existing.check_same_type(type=self.detector_type, machine_type=self.machine_type)
        if existing and self.make_default and not existing.is_active:
            raise ModelInactive(
                f"Model {self.model_id} is not active: it cannot be given --make_default."
            )


def check_target_rate(rate: float) -> None:
    """Refuse a rate that no number of recordings can be held to, and one that is about no tail."""
    if not MIN_FALSE_ALARM_RATE <= rate <= MAX_FALSE_ALARM_RATE:
        raise InvalidOption(
            f"--target_false_alarm_rate must be {MIN_FALSE_ALARM_RATE} to {MAX_FALSE_ALARM_RATE}."
        )


def check_csv_sample_rate(sample_rate_hz: int) -> None:
    """Refuse a rate that no recording has."""
    if not MIN_SOURCE_RATE_HZ <= sample_rate_hz <= MAX_SOURCE_RATE_HZ:
        raise InvalidOption(
            f"--csv_sample_rate must be {MIN_SOURCE_RATE_HZ} to {MAX_SOURCE_RATE_HZ} Hz."
        )


def choose_machine_type(asked: str | None, model_id: str) -> str:
    """The machine type asked for, else the existing model's, else a seeded one in the id, else unspecified."""
    if asked:
        return asked
    existing = RegisteredModel.objects.filter(pk=model_id).first()
    if existing:
        return existing.machine_type_id
    parts = (part.rstrip(digits) for part in model_id.split("_"))
    return next((part for part in parts if part in SEED_MACHINE_TYPES), UNSPECIFIED)


def version_hint(model_id: str) -> str | None:
    """What to tell someone whose model id looks like a version of one."""
    if not ENDS_IN_VERSION.search(model_id):
        return None
    plain = ENDS_IN_VERSION.sub("", model_id)
    return f"{model_id} becomes a model of its own. --model_id {plain} would make this the next version of {plain}."
