"""The serving form of a version: one .npz that is read without unpickling and checked before it is believed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.detectors.autoencoder import AutoencoderDetector
from analysis.detectors.base import (
    Arrays,
    Contributions,
    Detector,
    Features,
    Prediction,
    finite,
    learnt_arrays,
    milliseconds,
    pack,
    take,
)
from analysis.detectors.calibration import Calibration, LengthScale
from analysis.detectors.compatibility import refuse_unfit
from analysis.detectors.forest import IsolationForestDetector
from analysis.detectors.legacy import (
    LEGACY_DETECTORS,
    LEGACY_READ_VERSIONS,
    LegacyArtifact,
    assemble_legacy,
    write_legacy,
)
from analysis.detectors.mahalanobis import MahalanobisDetector
from analysis.detectors.plain_arrays import unpack
from analysis.errors import InvalidArtifact
from analysis.sound.explanation import Explanation, Profile, align
from analysis.sound.features import (
    LONG_CLIP,
    MIN_FRAMES,
    FeatureSpec,
    Frames,
    FrontEnd,
    Waveform,
    Window,
)
from analysis.sound.quality import Quality
from analysis.sound.tonal_peaks import TonalProfile, n_lines_of

# 1: the first. 2: channels, the length scale, a lower floor, descriptions in place of golden frames; level 3.
# 3: the bandwidth of the training clips and the thresholds, not known of 2.
# 4: the lines of normal clips, or that there are none, not known of 3; level 3 names the kinds of features that it goes
# by, all until then.
FORMAT_VERSION = 4
READ_VERSIONS = (2, 3, 4)
LINES_SINCE = 4
DETECTORS: dict[str, type[Detector]] = {
    kind.type: kind for kind in (IsolationForestDetector, AutoencoderDetector, MahalanobisDetector)
}
# How far the golden clip's score may move between the machine that trained and the one that serves.
GOLDEN_TOLERANCE = 1e-4
# Of the spread of normal scores: what another machine's rounding may come to.
THRESHOLD_TOLERANCE = 1e-9
# Scored whenever a version is loaded, and a network that has changed shows in any frame.
GOLDEN_FRAMES = 64
# A recording shorter than this share of the training clips' length tells less than they did.
SHORT_CLIP = 0.5
# A kind of feature stands out from so many standard deviations of held-out normal clips on.
TRAIT_STANDS_OUT = 3.0
MAX_TRAITS = 3

PROFILE_LIMITS = ("curve_limit", "level_limit", "residual_limit")
LINE_ARRAYS = ("reference", "usual", "deviation")

SHORTER_THAN_TRAINING = "shorter_than_training"
TRANSIENT = "transient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """Everything that a version needs to judge a recording.

    golden_description: a training clip as the detector describes it; golden_score: what it gave it when it was trained.
    """

    front_end: FrontEnd
    detector: Detector
    calibration: Calibration
    length_scale: LengthScale
    profile: Profile
    golden_features: Features
    golden_score: float

    @property
    def nbytes(self) -> int:
        """Bytes that its arrays take in memory."""
        return self.detector.nbytes + sum(array.nbytes for array in shared_arrays(self).values())

    def check_compatible(self, quality: Quality) -> None:
        """Refuse a recording that lacks what the normal ones have: too short or too narrow in frequency."""
        refuse_unfit(quality, self.front_end, self.profile)

    def predict(self, waveform: Waveform) -> Prediction:
        """Score a recording and point at what stands out, in one pass over it."""
        started = perf_counter()
        mel_power = self.front_end.compute_mel_power(waveform)
        descriptions = self.extract_features(self.front_end.cut_windows(waveform, mel_power))
        heard = perf_counter()
        assessments = [self.detector.score_window(description) for description in descriptions]
        anomaly_score = self.median_score(
            [each.anomaly_score for each in assessments], len(mel_power)
        )
        scored = perf_counter()
        explanation = self.explain(
            self.front_end.compute_log_mel(mel_power), self.front_end.trim(waveform)
        )
        explained = perf_counter()
        return Prediction(
            anomaly_score,
            explanation,
            standing_out([each.contributions for each in assessments]),
            self.warnings(len(mel_power), explanation),
            {
                "features": milliseconds(heard - started),
                "score": milliseconds(scored - heard),
                "explain": milliseconds(explained - scored),
            },
        )

    def compute_anomaly_score(self, waveform: Waveform) -> float:
        """Score a recording and nothing else."""
        mel_power = self.front_end.compute_mel_power(waveform)
        descriptions = self.extract_features(self.front_end.cut_windows(waveform, mel_power))
        scores = [self.detector.compute_anomaly_score(description) for description in descriptions]
        return self.median_score(scores, len(mel_power))

    def extract_features(self, windows: Sequence[Window]) -> list[Features]:
        """Each window as the detector describes it."""
        return [self.detector.extract_features(window, self.front_end.spec) for window in windows]

    def median_score(self, scores: Sequence[float], n_frames: int) -> float:
        """The median over windows, on the scale of clips as long as those of training."""
        return self.length_scale.adjust(
            float(np.median(scores)), n_frames / self.front_end.spec.clip_frames
        )

    def explain(self, frames: Frames, samples: Waveform) -> Explanation:
        """Say when and at which frequencies the clip, of this trimmed waveform, is not as the normal ones."""
        aligned = align(frames, self.profile.clip_mean)
        return self.profile.explain(
            aligned, self.detector.compute_anomaly_map(aligned), samples, self.front_end
        )

    def warnings(self, n_frames: int, explanation: Explanation) -> tuple[str, ...]:
        """What limits the trust in this hearing."""
        is_short = n_frames < SHORT_CLIP * self.front_end.spec.clip_frames
        found = {SHORTER_THAN_TRAINING: is_short, TRANSIENT: explanation.is_transient}
        return tuple(name for name, is_found in found.items() if is_found)


def score_clip(detector: Detector, descriptions: Sequence[Features]) -> float:
    """The anomaly score of a clip of any length: the median over windows as long as the training clips."""
    return float(
        np.median([detector.compute_anomaly_score(description) for description in descriptions])
    )


def standing_out(contributions: Sequence[Mapping[str, float]]) -> Contributions:
    """The kinds of features that stand out on average over the windows, strongest first."""
    mean = {
        name: float(np.mean([of_window[name] for of_window in contributions]))
        for name in contributions[0]
    }
    found = [(name, strength) for name, strength in mean.items() if strength >= TRAIT_STANDS_OUT]
    return tuple(sorted(found, key=lambda trait: -trait[1])[:MAX_TRAITS])


def shared_arrays(artifact: Artifact) -> dict[str, npt.NDArray[Any]]:
    """The arrays that every artifact has, whatever its detector."""
    lines = artifact.profile.tonal_profile
    return {
        "mel_filterbank": artifact.front_end.mel_filterbank,
        "band_hz": artifact.front_end.band_hz,
        "clip_mean": artifact.profile.clip_mean,
        "precision": artifact.profile.precision,
        "calibration_scores": artifact.calibration.scores,
        "golden_description": artifact.golden_features,
        **({f"line_{name}": getattr(lines, name) for name in LINE_ARRAYS} if lines else {}),
    }


def write(artifact: Artifact | LegacyArtifact) -> bytes:
    """The serving form: arrays and a JSON header."""
    if isinstance(artifact, LegacyArtifact):
        return write_legacy(artifact)
    calibration = artifact.calibration
    header = {
        "format_version": FORMAT_VERSION,
        "type": artifact.detector.type,
        "feature_spec": asdict(artifact.front_end.spec),
        "calibration": {
            "target_false_alarm_rate": calibration.target_false_alarm_rate,
            "n_groups": calibration.n_groups,
            "method": calibration.method,
            "notes": calibration.notes,
            "warning": calibration.warning,
            "critical": calibration.critical,
        },
        "length_scale": asdict(artifact.length_scale),
        "profile": profile_limits(artifact.profile),
        "golden_score": artifact.golden_score,
    }
    return pack(header, shared_arrays(artifact), artifact.detector.arrays())


def profile_limits(profile: Profile) -> dict[str, float | None]:
    """The limits beyond which something is pointed at; that of the lines is None if they are not listened for."""
    limits = {name: getattr(profile, name) for name in PROFILE_LIMITS}
    return limits | {"line_limit": profile.tonal_profile.limit if profile.tonal_profile else None}


def read(content: bytes) -> Artifact | LegacyArtifact:
    """Read the serving form; InvalidArtifact unless every part of it fits and the golden clip scores as it did."""
    arrays = unpack(content)
    # Numbers that overflow end in a golden score that differs.
    with np.errstate(all="ignore"):
        try:
            header = parse_header(take(arrays, "header", np.uint8, (None,)).tobytes())
            if header["type"] in LEGACY_DETECTORS:
                return assemble_legacy(header, arrays)
            artifact = assemble(header, arrays)
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            raise InvalidArtifact(
                "The artifact's header lacks a part, or has one that makes no sense."
            ) from exc
        check_golden(artifact)
    return artifact


def parse_header(content: bytes) -> dict[str, Any]:
    """The header as a dictionary, if this release knows its format and its type."""
    try:
        header = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise InvalidArtifact("The artifact's header is not JSON.") from exc
    if not isinstance(header, dict) or header.get("type") not in DETECTORS | LEGACY_DETECTORS:
        raise InvalidArtifact(
            "The artifact's header names no type of detector that this release has."
        )
    known = LEGACY_READ_VERSIONS if header["type"] in LEGACY_DETECTORS else READ_VERSIONS
    if header.get("format_version") not in known:
        raise InvalidArtifact(
            f"This release reads artifacts of format {' and '.join(map(str, known))} only."
        )
    return header


def assemble(header: Mapping[str, Any], arrays: Arrays) -> Artifact:
    """Put the parts together, each checked against the feature spec."""
    spec = FeatureSpec(**header["feature_spec"])
    mels = (spec.n_mels,)
    front_end = FrontEnd(
        spec,
        take(arrays, "mel_filterbank", np.float32, (spec.n_mels, 1 + spec.n_fft // 2)),
        take(arrays, "band_hz", np.float32, (spec.n_mels + 2,)),
    )
    profile = Profile(
        take(arrays, "clip_mean", np.float32, mels),
        take(arrays, "precision", np.float32, mels * 2),
        **{name: finite(header["profile"][name]) for name in PROFILE_LIMITS},
        tonal_profile=read_lines(header, arrays, spec),
    )
    learnt = learnt_arrays(arrays)
    kind = DETECTORS[header["type"]]
    return Artifact(
        front_end=front_end,
        detector=kind.from_arrays(learnt, spec),
        calibration=read_calibration(header, arrays),
        length_scale=LengthScale(
            *(finite(header["length_scale"][name]) for name in ("factor", "offset"))
        ),
        profile=profile,
        golden_features=take(arrays, "golden_description", np.float32, kind.feature_shape(spec)),
        golden_score=finite(header["golden_score"]),
    )


def read_lines(header: Mapping[str, Any], arrays: Arrays, spec: FeatureSpec) -> TonalProfile | None:
    """The lines of normal clips, unless there are none: releases before knew nothing of them."""
    if header["format_version"] < LINES_SINCE:
        return None
    limit = header["profile"]["line_limit"]
    if limit is None and not any(f"line_{name}" in arrays for name in LINE_ARRAYS):
        return None
    return TonalProfile(
        take(arrays, "line_reference", np.float32, (n_lines_of(spec),)),
        take(arrays, "line_usual", np.float32, (spec.n_mels,)),
        take(arrays, "line_deviation", np.float32, (spec.n_mels,)),
        finite(limit),
    )


def read_calibration(header: Mapping[str, Any], arrays: Arrays) -> Calibration:
    """The version's own calibration; thresholds follow from its scores, and must not move with the release."""
    told = header["calibration"]
    calibration = Calibration(
        take(arrays, "calibration_scores", np.float64, (None,)),
        told["target_false_alarm_rate"],
        told["n_groups"],
        str(told["method"]),
        tuple(map(str, told["notes"])),
    )
    for name in () if header["format_version"] == 2 else ("warning", "critical"):
        follows, stored = getattr(calibration, name), finite(told[name])
        if not abs(follows - stored) <= THRESHOLD_TOLERANCE * calibration.spread:
            raise InvalidArtifact(
                f"The artifact's {name} threshold is {stored:.6g}; its scores give {follows:.6g}."
            )
    return calibration


def select_golden_features(description: Features) -> Features:
    """As much of a description as tells whether a detector scores as it did: of frames the first few."""
    return description[:GOLDEN_FRAMES] if description.ndim > 1 else description


def check_golden(artifact: Artifact) -> None:
    """Refuse a detector that does not score its golden clip as it did when it was trained."""
    golden = artifact.golden_features
    n_frames = len(golden) if golden.ndim > 1 else MIN_FRAMES
    if not MIN_FRAMES <= n_frames <= LONG_CLIP * artifact.front_end.spec.clip_frames:
        raise InvalidArtifact(
            "The artifact's golden clip is not as long as a clip that it was trained on."
        )
    score = artifact.detector.compute_anomaly_score(golden)
    # Some detectors give an ordinary clip a score about zero: there the spread of normal scores is the measure.
    size = max(abs(artifact.golden_score), artifact.calibration.spread)
    if not abs(score - artifact.golden_score) <= GOLDEN_TOLERANCE * size:
        raise InvalidArtifact(
            f"The artifact scores its golden clip {score:.6g}, not {artifact.golden_score:.6g}."
        )
