"""Which model knows this sound: every model on offer hears the recording, and says how normal it is to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from analysis.calibration_choice import resolve_for_version
from analysis.detectors.calibration import NORMAL
from analysis.errors import (
    BandwidthTooNarrow,
    InvalidArtifact,
    NotCalibrated,
    RecordingRefused,
    RecordingTooShort,
)
from analysis.loading import detector_for, get_limits
from analysis.models.calibrations import CalibrationRecord
from analysis.pipeline import apply_calibration
from analysis.sound.audio import Clip, decode
from analysis.sound.quality import Quality, assess_quality
from core.errors import SignalCraftError
from registry.errors import ArtifactCorrupt, ArtifactUnavailable
from registry.models import RegisteredModel

# Each costs about as much as an analysis; a plant with more names a machine type.
MAX_MODELS = 200
# What keeps one model from answering, and no other.
MODEL_ERRORS = (
    *(ArtifactCorrupt, ArtifactUnavailable, InvalidArtifact, NotCalibrated),
    *(BandwidthTooNarrow, RecordingTooShort),
)


@dataclass(frozen=True, slots=True)
class Match:
    """How normal the recording is to one model; typicality: how ordinary among its normal clips, see Calibration."""

    model: RegisteredModel
    typicality: float
    p_value: float
    score: float
    anomaly_score: float
    label: str
    health_score: float


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A model that could not be asked, and why."""

    model_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Matches:
    """Every model that was asked, the one to which the recording is most normal first; n_left_out were not."""

    matches: Sequence[Match]
    unavailable: Sequence[Unavailable]
    n_left_out: int

    @property
    def suggestion(self) -> str | None:
        """The first model to which it is NORMAL; None where it is to none of these."""
        return next((match.model.pk for match in self.matches if match.label == NORMAL), None)


def match(content: bytes, *, device_type: str | None = None) -> Matches:
    """Ask the models on offer, defaults first and MAX_MODELS at most; nothing is kept.

    Ranked by how ordinary the recording would be, then by health, which goes on where that ends; of equals the default
    is first, then by id. A model that hears little calls everything normal, but nothing ordinary. A recording that is
    too short or too narrow for all of them is refused, as an analysis would refuse it.
    """
    clip = decode(content, get_limits())
    quality = assess_quality(clip)
    offered = RegisteredModel.objects.selectable().suitable_for(device_type=device_type)
    models = list(offered.with_serving_version()[:MAX_MODELS])
    newest = CalibrationRecord.objects.newest_of([model.serving_version for model in models])
    matches, failed = list[Match](), list[tuple[RegisteredModel, SignalCraftError]]()
    for model in models:
        try:
            matches.append(score_model(model, newest.get(model.serving_version_id), clip, quality))
        except MODEL_ERRORS as exc:
            failed.append((model, exc))
    if failed and not matches and all(isinstance(exc, RecordingRefused) for _, exc in failed):
        raise failed[0][1]
    matches.sort(key=attrgetter("typicality", "health_score"), reverse=True)
    unavailable = [to_unavailable(model, exc) for model, exc in failed]
    return Matches(
        matches, unavailable, offered.count() - len(models) if len(models) == MAX_MODELS else 0
    )


def score_model(
    model: RegisteredModel, row: CalibrationRecord | None, clip: Clip, quality: Quality
) -> Match:
    """Let the serving version hear the recording."""
    version = model.get_version_to_serve()
    # Two hundred in a row would leave nothing of what the engineers use all day.
    artifact = detector_for(version, peek=True)
    artifact.check_compatible(quality)
    effective, score = (
        resolve_for_version(version, row, artifact.calibration),
        artifact.compute_anomaly_score(clip.waveform),
    )
    said = apply_calibration(effective, score)
    columns = {name: said[name] for name in Match.__slots__ if name in said}
    return Match(model, effective.calibration.compute_typicality(score), **columns)


def to_unavailable(model: RegisteredModel, exc: SignalCraftError) -> Unavailable:
    """Say which model could not be asked."""
    return Unavailable(model.pk, exc.code, str(exc))
