"""Finding the model for a sound: every model on offer judges it, and they are ranked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from analysis.calibration_choice import EffectiveCalibration, resolve_for_version
from analysis.detectors.calibration import NORMAL, Calibration
from analysis.errors import (
    BandwidthTooNarrow,
    Interrupted,
    InvalidArtifact,
    NotCalibrated,
    RecordingRefused,
    RecordingTooShort,
)
from analysis.loading import detector_for, get_limits
from analysis.models import CalibrationRecord
from analysis.pipeline import apply_calibration
from analysis.sound.audio import Clip, decode
from analysis.sound.quality import Quality, assess_quality
from core.errors import SignalCraftError
from registry.errors import ArtifactCorrupt, ArtifactUnavailable
from registry.models import ModelVersion, RegisteredModel

# Each costs about as much as an analysis; a plant with more names a machine type.
MAX_MODELS = 200
# What keeps one model from judging, and not the others.
MODEL_ERRORS = (
    ArtifactCorrupt,
    ArtifactUnavailable,
    InvalidArtifact,
    NotCalibrated,
    BandwidthTooNarrow,
    Interrupted,
    RecordingTooShort,
)


@dataclass(frozen=True, slots=True)
class Match:
    """The result of one model; typicality is explained at Calibration."""

    model: RegisteredModel
    typicality: float
    p_value: float
    score: float
    anomaly_score: float
    label: str
    health_score: float


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A model that could not judge the recording, and why."""

    model_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The results of all models, best match first; n_left_out models were not asked."""

    matches: Sequence[Match]
    unavailable: Sequence[Unavailable]
    n_left_out: int

    @property
    def suggestion(self) -> str | None:
        """The id of the best match that calls the recording NORMAL; None: no model does."""
        return next((match.model.pk for match in self.matches if match.label == NORMAL), None)


def match(content: bytes, *, device_type: str | None = None) -> Matches:
    """Rank the models on offer, defaults first and MAX_MODELS at most; nothing is stored.

    They are ranked by typicality, then by health, which still differs where typicality is zero;
    of equals the default comes first, then the lower id. A model with poor features calls
    everything normal, but nothing typical. A recording that is too short or too narrow for every
    model is refused, as an analysis would refuse it.
    """
    clip = decode(content, get_limits())
    quality = assess_quality(clip)
    on_offer = RegisteredModel.objects.selectable().suitable_for(device_type=device_type)
    models = list(on_offer.with_serving_version()[:MAX_MODELS])

    matches, failures = judge_by_each(models, clip, quality)
    if failures and not matches and all(isinstance(exc, RecordingRefused) for _, exc in failures):
        raise failures[0][1]

    matches.sort(key=attrgetter("typicality", "health_score"), reverse=True)
    return Matches(
        matches,
        [Unavailable(model.pk, exc.code, str(exc)) for model, exc in failures],
        n_left_out=on_offer.count() - len(models) if len(models) == MAX_MODELS else 0,
    )


def judge_by_each(
    models: Sequence[RegisteredModel], clip: Clip, quality: Quality
) -> tuple[list[Match], list[tuple[RegisteredModel, SignalCraftError]]]:
    """Judge a recording by each model; return the results, and the models that failed."""
    versions = [model.get_version_to_serve() for model in models]
    newest = CalibrationRecord.objects.newest_of(versions)
    matches: list[Match] = []
    failures: list[tuple[RegisteredModel, SignalCraftError]] = []
    for model, version in zip(models, versions, strict=True):
        try:
            resolve = partial(resolve_for_version, version, newest.get(version.pk))
            matches.append(judge_by(model, version, resolve, clip, quality))
        except MODEL_ERRORS as exc:
            failures.append((model, exc))
    return matches, failures


def judge_by(
    model: RegisteredModel,
    version: ModelVersion,
    resolve: Callable[[Calibration | None], EffectiveCalibration],
    clip: Clip,
    quality: Quality,
) -> Match:
    """Judge a recording by the serving version of a model.

    resolve: returns the calibration that applies, given the one in the version's artifact.
    """
    # Two hundred models in a row would push everything else out of the cache.
    artifact = detector_for(version, peek=True)
    artifact.check_compatible(quality)
    effective = resolve(artifact.calibration)

    anomaly_score = artifact.compute_anomaly_score(clip.waveform, clip.codec, clip.gaps)
    columns = apply_calibration(effective, anomaly_score)
    return Match(
        model=model,
        typicality=effective.calibration.compute_typicality(anomaly_score),
        p_value=columns["p_value"],
        score=columns["score"],
        anomaly_score=anomaly_score,
        label=columns["label"],
        health_score=columns["health_score"],
    )
