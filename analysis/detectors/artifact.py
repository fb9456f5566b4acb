"""The artifact: everything that a version needs to judge a recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.detectors.autoencoder import AutoencoderDetector
from analysis.detectors.base import (
    Contributions,
    Detector,
    Features,
    Hearing,
    Prediction,
    to_milliseconds,
)
from analysis.detectors.calibration import Calibration, LengthScale
from analysis.detectors.compatibility import check_compatibility
from analysis.detectors.conditions import choose_conditions
from analysis.detectors.forest import IsolationForestDetector
from analysis.detectors.mahalanobis import MahalanobisDetector
from analysis.detectors.session_scores import Crossings
from analysis.detectors.window_scores import WindowScores, median_score
from analysis.errors import InvalidArtifact
from analysis.sound.audio import AVERAGE, CHOOSE, LOSSLESS, Pick
from analysis.sound.decoding.gaps import Gap, Run, find_longest_stretch
from analysis.sound.disturbances import SteadySound, cut_out
from analysis.sound.explanation import Explanation, Profile, align, make_segment
from analysis.sound.features import LONG_CLIP, MIN_FRAMES, FrontEnd, MelPower, Waveform, Window
from analysis.sound.line_fingerprint import LineFingerprint, Lines, extract_lines
from analysis.sound.quality import Quality
from analysis.sound.tonal_peaks import TonalProfile, is_long_enough

DETECTORS: dict[str, type[Detector]] = {
    detector_class.type: detector_class
    for detector_class in (IsolationForestDetector, AutoencoderDetector, MahalanobisDetector)
}
# How far the golden score may differ between the machine that trained and the one that serves.
GOLDEN_TOLERANCE = 1e-4
# Few, because they are scored whenever a version is loaded. A changed network shows in any frame.
GOLDEN_FRAMES = 64
# A recording shorter than this fraction of the training clips says less than they did.
SHORT_CLIP = 0.5
# The attribution threshold: a feature group is abnormal from so many standard deviations of
# held-out normal clips on.
ATTRIBUTION_THRESHOLD = 3.0
MAX_CONTRIBUTIONS = 3

# With less left of a recording, it is not judged without what was cut out.
MIN_REST_SECONDS = 1.0
MIN_REST_SHARE = 0.25

SHORTER_THAN_TRAINING = "shorter_than_training"
TRANSIENT = "transient"
MAYBE_OTHER_MACHINE = "maybe_other_machine"
STRICT_STRETCHES = "strict_stretches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A detector with its front end, calibration and profile.

    codec_detectors: what the same machine sounds like through codecs, by the name of the condition;
    empty where the detector class allows for codecs by domain shifts alone. crossings: None where
    no session had two clips, or an older release trained. steady_sound, line_fingerprint: None
    where an older release trained. golden_features: of a training clip; golden_score: its score at
    the time of training.
    """

    front_end: FrontEnd
    detector: Detector
    calibration: Calibration
    length_scale: LengthScale
    profile: Profile
    golden_features: Features
    golden_score: float
    codec_detectors: Mapping[str, Detector] = field(default_factory=dict)
    crossings: Crossings | None = None
    steady_sound: SteadySound | None = None
    line_fingerprint: LineFingerprint | None = None

    @property
    def nbytes(self) -> int:
        """The memory that its arrays take, in bytes."""
        detectors = (self.detector, *self.codec_detectors.values())
        shared = sum(array.nbytes for array in self.shared_arrays().values())
        return shared + sum(detector.nbytes for detector in detectors)

    @property
    def pick(self) -> Pick:
        """Which channel of a recording it judges."""
        return CHOOSE if self.front_end.spec.has_channel_choice else AVERAGE

    def check_compatible(self, quality: Quality) -> None:
        """Raise the error that says what it lacks of what the training clips had."""
        check_compatibility(quality, self.front_end, self.profile)

    def predict(
        self, waveform: Waveform, codec: str = LOSSLESS, gaps: Sequence[Gap] = ()
    ) -> Prediction:
        """Score a recording and explain the score.

        codec: by which it was stored. gaps: what the recorder lost, which is left out. Raises
        Interrupted where no stretch between gaps is long enough.
        """
        start = perf_counter()
        mel_power = self.front_end.compute_mel_power(waveform)
        stretches = self.front_end.spec.find_stretches(len(waveform), gaps)
        windows = self.front_end.cut_windows(waveform, mel_power, stretches)
        features = self.extract_features(windows)

        features_end = perf_counter()
        scores = self.score_windows(features, windows, codec)

        score_end = perf_counter()
        explanation = self.explain(mel_power, waveform, stretches)

        explain_end = perf_counter()
        return Prediction(
            anomaly_score=scores.anomaly_score,
            explanation=explanation,
            segment_scores=self.score_segments(explanation, windows, scores),
            contributions=select_contributions(scores.deciding),
            warnings=(
                *self.list_warnings(count_frames(stretches), len(windows), explanation),
                *self.list_doubts(waveform[slice(*find_longest_stretch(len(waveform), gaps))]),
            ),
            timing_ms={
                "features": to_milliseconds(features_end - start),
                "score": to_milliseconds(score_end - features_end),
                "explain": to_milliseconds(explain_end - score_end),
            },
        )

    def compute_anomaly_score(
        self, waveform: Waveform, codec: str = LOSSLESS, gaps: Sequence[Gap] = ()
    ) -> float:
        """Return only the score of a recording."""
        mel_power = self.front_end.compute_mel_power(waveform)
        stretches = self.front_end.spec.find_stretches(len(waveform), gaps)
        windows = self.front_end.cut_windows(waveform, mel_power, stretches)
        features = self.extract_features(windows)
        return self.score_windows(features, windows, codec).anomaly_score

    def hear_machine_alone(
        self, waveform: Waveform, codec: str = LOSSLESS, gaps: Sequence[Gap] = ()
    ) -> Hearing:
        """Cut out what comes from beside the machine, and score what is left of the recording.

        Of a recording with gaps, only the longest stretch is heard.
        """
        spec = self.front_end.spec
        if self.steady_sound is None:
            return Hearing()
        first, end = find_longest_stretch(len(waveform), gaps)
        waveform = waveform[first:end]
        runs = self.steady_sound.find_disturbances(self.front_end.extract_frames(waveform))
        if not runs:
            return Hearing()
        start_s = first / spec.sample_rate_hz
        disturbances = tuple(make_segment(run, spec).move(start_s) for run in runs)
        rest = cut_out(waveform, runs, spec)
        needed = max(MIN_REST_SECONDS * spec.sample_rate_hz, MIN_REST_SHARE * len(waveform))
        if len(rest) < needed:
            return Hearing(disturbances)
        return Hearing(disturbances, self.compute_anomaly_score(rest, codec))

    def extract_features(self, windows: Sequence[Window]) -> list[Features]:
        """Return the features of each window."""
        return [self.detector.extract_features(window, self.front_end.spec) for window in windows]

    def score_windows(
        self, by_window: Sequence[Features], windows: Sequence[Window], codec: str
    ) -> WindowScores:
        """Score every window by the detector of the condition that fits the recording best.

        by_window: the features of each. Scores are on the scale of the training length.
        """
        as_it_is = [self.detector.score_window(features) for features in by_window]
        candidates = [as_it_is]
        for condition, cost in choose_conditions(codec, self.codec_detectors).items():
            detector = self.codec_detectors[condition]
            scores = [detector.score_window(features) for features in by_window]
            candidates.append([each.add(cost) for each in scores])
        best = min(candidates, key=median_score)
        adjusted = [
            replace(
                score,
                anomaly_score=self.adjust_length(score.anomaly_score, len(window.frames)),
            )
            for score, window in zip(best, windows, strict=True)
        ]
        is_long = len(windows) > 1
        allowance = self.compute_allowance(len(windows)) if is_long else 0.0
        return WindowScores(adjusted, allowance)

    def compute_allowance(self, n_windows: int) -> float:
        """Return by how much the worst of so many windows may be above a single one."""
        return self.calibration.compute_worst_allowance(n_windows, self.crossings)

    def score_segments(
        self,
        explanation: Explanation,
        windows: Sequence[Window],
        scores: WindowScores,
    ) -> tuple[float, ...]:
        """Return the score of each segment: that of the worst window in which its middle lies.

        None is above the score of the recording.
        """
        if len(windows) == 1:
            return (scores.anomaly_score,) * len(explanation.segments)
        spec = self.front_end.spec
        pairs = list(zip(windows, scores.windows, strict=True))
        segment_scores = []
        for segment in explanation.segments:
            middle_s = (segment.start_s + segment.end_s) / 2 - spec.trim_seconds
            frame = int(middle_s / spec.step_seconds)
            of_segment = [score.anomaly_score for window, score in pairs if window.holds(frame)]
            # A marked moment may reach from a stretch into a gap, in which there is no window.
            worst = max(of_segment) - scores.allowance if of_segment else scores.anomaly_score
            segment_scores.append(worst)
        return tuple(segment_scores)

    def adjust_length(self, anomaly_score: float, n_frames: int) -> float:
        """Adjust a score to the length of the training clips."""
        return self.length_scale.adjust(anomaly_score, n_frames / self.front_end.spec.clip_frames)

    def explain(
        self, mel_power: MelPower, waveform: Waveform, stretches: Sequence[Run]
    ) -> Explanation:
        """Explain when and where a recording is abnormal, in these stretches of its frames."""
        is_judged = np.zeros(len(mel_power), dtype=bool)
        for first, end in stretches:
            is_judged[first:end] = True
        is_whole = bool(is_judged.all())
        frames = self.front_end.compute_log_mel(mel_power if is_whole else mel_power[is_judged])
        aligned = align(frames, self.profile.clip_mean)
        samples = self.front_end.take_longest(waveform, len(mel_power), stretches)
        if is_whole:
            whole_map = self.detector.compute_anomaly_map(aligned)
            return self.profile.explain(aligned, whole_map, samples, self.front_end, is_judged)

        anomaly_map = np.zeros(mel_power.shape, np.float32)
        for first, end in stretches:
            before = int(np.count_nonzero(is_judged[:first]))
            of_stretch = aligned[before : before + end - first]
            anomaly_map[first:end] = self.detector.compute_anomaly_map(of_stretch)
        return self.profile.explain(aligned, anomaly_map, samples, self.front_end, is_judged)

    def list_warnings(
        self, n_frames: int, n_windows: int, explanation: Explanation
    ) -> tuple[str, ...]:
        """Return the codes of what limits the trust in a prediction."""
        warnings = []
        if n_frames < SHORT_CLIP * self.front_end.spec.clip_frames:
            warnings.append(SHORTER_THAN_TRAINING)
        # Without sessions, nothing tells how much windows of one recording have in common.
        if n_windows > 1 and self.calibration.sessions is None:
            warnings.append(STRICT_STRETCHES)
        if explanation.is_transient:
            warnings.append(TRANSIENT)
        return tuple(warnings)

    def list_doubts(self, waveform: Waveform) -> tuple[str, ...]:
        """Return the code of what speaks against a recording being of this machine."""
        is_known = self.line_fingerprint is not None
        is_unlike = is_known and self.is_unlike(waveform, extract_lines(waveform))
        return (MAYBE_OTHER_MACHINE,) if is_unlike else ()

    def is_unlike(self, waveform: Waveform, lines: Lines) -> bool:
        """Return whether the lines of a recording may be of another machine.

        Of one that is shorter than the training clips nothing is said.
        """
        if self.line_fingerprint is None:
            return False
        is_long = is_long_enough(len(self.front_end.trim(waveform)), self.front_end.spec)
        return is_long and self.line_fingerprint.is_unlike(lines)

    def shared_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the serving form that do not depend on the detector's type."""
        arrays: dict[str, npt.NDArray[Any]] = {
            "mel_filterbank": self.front_end.mel_filterbank,
            "band_hz": self.front_end.band_hz,
            "clip_mean": self.profile.clip_mean,
            "precision": self.profile.precision,
            "calibration_scores": self.calibration.scores,
            "golden_description": self.golden_features,
        }
        if self.calibration.sessions is not None:
            arrays["calibration_sessions"] = self.calibration.sessions
        if self.profile.tonal_profile:
            arrays |= _tonal_arrays(self.profile.tonal_profile)
        if self.steady_sound:
            arrays["steady_mean"] = self.steady_sound.mean
            arrays["steady_spread"] = self.steady_sound.spread
        if self.line_fingerprint:
            arrays["fingerprint"] = self.line_fingerprint.mean
        return arrays

    def check_golden(self) -> None:
        """Raise InvalidArtifact unless the golden features score as they did when trained."""
        golden = self.golden_features
        n_frames = len(golden) if golden.ndim > 1 else MIN_FRAMES
        if not MIN_FRAMES <= n_frames <= LONG_CLIP * self.front_end.spec.clip_frames:
            raise InvalidArtifact(
                "The artifact's golden clip is not as long as the clips that it was trained on."
            )
        score = self.detector.compute_anomaly_score(golden)
        # Some detectors score an ordinary clip near zero: then relate to the spread of the scores.
        size = max(abs(self.golden_score), self.calibration.spread)
        if not abs(score - self.golden_score) <= GOLDEN_TOLERANCE * size:
            raise InvalidArtifact(
                f"The artifact scores its golden clip {score:.6g}, not {self.golden_score:.6g}."
            )


def count_frames(stretches: Sequence[Run]) -> int:
    """Return how many frames all stretches have."""
    return sum(end - first for first, end in stretches)


def _tonal_arrays(tonal_profile: TonalProfile) -> dict[str, npt.NDArray[Any]]:
    return {
        "line_reference": tonal_profile.reference,
        "line_usual": tonal_profile.center,
        "line_deviation": tonal_profile.scale,
    }


def score_clip(detector: Detector, windows: Sequence[Features]) -> float:
    """Return the score of a clip of any length: the median over its windows."""
    return median_score([detector.score_window(features) for features in windows])


def select_contributions(by_window: Sequence[Mapping[str, float]]) -> Contributions:
    """Return the feature groups that are abnormal on average over the windows, strongest first."""
    means = {
        group: float(np.mean([contributions[group] for contributions in by_window]))
        for group in by_window[0]
    }
    abnormal = [(group, mean) for group, mean in means.items() if mean >= ATTRIBUTION_THRESHOLD]
    return tuple(sorted(abnormal, key=lambda contribution: -contribution[1])[:MAX_CONTRIBUTIONS])


def select_golden_features(features: Features) -> Features:
    """Return as much of the features as is needed to check a detector: the first few frames."""
    return features[:GOLDEN_FRAMES] if features.ndim > 1 else features
