"""Finding the model for a sound: every model on offer judges it, and they are ranked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Self

from analysis.calibration_choice import EffectiveCalibration, resolve_for_version
from analysis.detectors.artifact import MAYBE_OTHER_MACHINE
from analysis.detectors.calibration import NORMAL, Calibration
from analysis.errors import (
    BandwidthTooNarrow,
    ChannelsCancel,
    Interrupted,
    InvalidArtifact,
    NotCalibrated,
    RecordingRefused,
    RecordingTooShort,
    Silent,
    TooCoarse,
)
from analysis.loading import detector_for, get_limits
from analysis.models import CalibrationRecord
from analysis.pipeline import apply_calibration
from analysis.sound.audio import CHOOSE, Clip, Pick, decode
from analysis.sound.line_fingerprint import Lines, extract_lines
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
    TooCoarse,
    # Only of the mean of its channels, which versions of earlier releases judge.
    ChannelsCancel,
    Silent,
)


@dataclass(frozen=True, slots=True)
class MeasuredClip:
    """A recording with what is measured of it once, whatever the number of models."""

    clip: Clip
    quality: Quality
    lines: Lines

    @classmethod
    def measure(cls, clip: Clip) -> Self:
        """Measure quality and lines."""
        return cls(clip, assess_quality(clip), extract_lines(clip.intact))


@dataclass(frozen=True, slots=True)
class Match:
    """The result of one model; typicality is explained at Calibration.

    is_unlike: whether the recording may be of another machine than the model's.
    """

    model: RegisteredModel
    typicality: float
    p_value: float
    score: float
    anomaly_score: float
    label: str
    health_score: float
    is_unlike: bool

    @property
    def warnings(self) -> list[str]:
        """Codes of what limits the trust in this result."""
        return [MAYBE_OTHER_MACHINE] if self.is_unlike else []

    @property
    def rank(self) -> tuple[bool, float, float]:
        """What a better match has more of."""
        return (not self.is_unlike, self.typicality, self.health_score)


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
        """The id of the best match of the machine that calls the recording NORMAL, if any."""
        candidates = [match for match in self.matches if not match.is_unlike]
        return next((match.model.pk for match in candidates if match.label == NORMAL), None)

    @property
    def is_none_of_these(self) -> bool:
        """Whether the recording may be of the machine of none of the models that judged it."""
        return bool(self.matches) and all(match.is_unlike for match in self.matches)


class DecodedRecording:
    """A recording as each version judges it: one channel, or the mean of all."""

    def __init__(self, content: bytes) -> None:
        """Decode the channel that is chosen; raises RecordingRefused."""
        self._content = content
        self._chosen = self._decode(CHOOSE)
        self._by_pick: dict[Pick, MeasuredClip] = {CHOOSE: self._chosen}

    def get(self, pick: Pick) -> MeasuredClip:
        """Return the clip and what is measured of it; raises RecordingRefused."""
        if self._chosen.clip.channels == 1:
            return self._chosen
        if pick not in self._by_pick:
            self._by_pick[pick] = self._decode(pick)
        return self._by_pick[pick]

    def _decode(self, pick: Pick) -> MeasuredClip:
        return MeasuredClip.measure(decode(self._content, get_limits(), pick=pick))


def match(content: bytes, *, device_type: str | None = None) -> Matches:
    """Rank the models on offer, defaults first and MAX_MODELS at most; nothing is stored.

    Models whose machine it may not be come last. Else they are ranked by typicality, then by
    health, which still differs where typicality is zero; of equals the default comes first, then
    the lower id. A model with poor features calls everything normal, but nothing typical. A
    recording that is too short or too narrow for every model is refused, as an analysis would
    refuse it.
    """
    recording = DecodedRecording(content)
    on_offer = RegisteredModel.objects.selectable().suitable_for(device_type=device_type)
    models = list(on_offer.with_serving_version()[:MAX_MODELS])

    matches, failures = judge_by_each(models, recording)
    if failures and not matches and all(isinstance(exc, RecordingRefused) for _, exc in failures):
        raise failures[0][1]

    matches.sort(key=attrgetter("rank"), reverse=True)
    return Matches(
        matches,
        [Unavailable(model.pk, exc.code, str(exc)) for model, exc in failures],
        n_left_out=on_offer.count() - len(models) if len(models) == MAX_MODELS else 0,
    )


def judge_by_each(
    models: Sequence[RegisteredModel], recording: DecodedRecording
) -> tuple[list[Match], list[tuple[RegisteredModel, SignalCraftError]]]:
    """Judge a recording by each model; return the results, and the models that failed."""
    versions = [model.get_version_to_serve() for model in models]
    newest = CalibrationRecord.objects.newest_of(versions)
    matches: list[Match] = []
    failures: list[tuple[RegisteredModel, SignalCraftError]] = []
    for model, version in zip(models, versions, strict=True):
        try:
            resolve = partial(resolve_for_version, version, newest.get(version.pk))
            matches.append(judge_by(model, version, resolve, recording))
        except MODEL_ERRORS as exc:
            failures.append((model, exc))
    return matches, failures


def judge_by(
    model: RegisteredModel,
    version: ModelVersion,
    resolve: Callable[[Calibration | None], EffectiveCalibration],
    recording: DecodedRecording,
) -> Match:
    """Judge a recording by the serving version of a model.

    resolve: returns the calibration that applies, given the one in the version's artifact.
    """
    # Two hundred models in a row would push everything else out of the cache.
    artifact = detector_for(version, peek=True)
    measured = recording.get(artifact.pick)
    artifact.check_compatible(measured.quality)
    effective = resolve(artifact.calibration)

    clip = measured.clip
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
        is_unlike=artifact.is_unlike(clip.intact, measured.lines),
    )
