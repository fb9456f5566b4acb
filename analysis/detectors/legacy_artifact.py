"""The artifact of a detector of the older system, and its serving form.

What it was trained on is unknown. So it can say that a recording is unusual, but neither when nor
at which frequencies, and it has no thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.detectors.base import Hearing, Prediction, to_milliseconds
from analysis.detectors.legacy import LEGACY_DETECTORS, LegacyDetector
from analysis.detectors.legacy_features import MAX_SECONDS, N_BINS, LegacyFeatures
from analysis.detectors.plain_arrays import (
    DETECTOR_PREFIX,
    Arrays,
    pack,
    require_finite,
    select_learnt_arrays,
    take_array,
)
from analysis.errors import InvalidArtifact
from analysis.sound.audio import AVERAGE, LOSSLESS, Pick
from analysis.sound.decoding.gaps import Gap, find_longest_stretch
from analysis.sound.explanation import Explanation
from analysis.sound.features import SAMPLE_RATE_HZ, FeatureSpec, FloatArray, FrontEnd, Waveform
from analysis.sound.line_fingerprint import Lines
from analysis.sound.quality import Quality

# v1: the first.
# v2 adds the bandwidth to the feature spec of the spectrogram.
LEGACY_FORMAT_VERSION = 2
LEGACY_READ_VERSIONS = (1, 2)
# How far the golden score may differ between the machine that imported and the one that serves.
GOLDEN_TOLERANCE = 1e-6

UNEXPLAINED = "unexplained"
FIRST_SECONDS_ONLY = "first_seconds_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyArtifact:
    """A legacy detector with the filterbank of its features, and a front end for spectrograms.

    mel_filterbank: (n_mels, 1025), librosa's; golden_features: (n_features,); golden_score: their
    score at the time of the import.
    """

    front_end: FrontEnd
    detector: LegacyDetector
    mel_filterbank: FloatArray
    golden_features: LegacyFeatures
    golden_score: float
    calibration: None = None

    @property
    def nbytes(self) -> int:
        """The memory that its arrays take, in bytes."""
        arrays = {**self.detector.to_arrays(), **self.shared_arrays()}
        return sum(array.nbytes for array in arrays.values())

    @property
    def pick(self) -> Pick:
        """The mean of all channels, as in the older system."""
        return AVERAGE

    def check_compatible(self, quality: Quality) -> None:
        """Accept every recording, because what the older system was trained on is unknown."""
        return

    def predict(
        self, waveform: Waveform, _codec: str = LOSSLESS, gaps: Sequence[Gap] = ()
    ) -> Prediction:
        """Score the longest stretch of a recording, without an explanation.

        The older system asked for no codec.
        """
        start = perf_counter()
        waveform = take_longest(waveform, gaps)
        features = self.detector.extract_features(waveform, self.mel_filterbank)

        features_end = perf_counter()
        anomaly_score = self.detector.compute_anomaly_score(features)

        score_end = perf_counter()
        is_cut = len(waveform) > MAX_SECONDS * SAMPLE_RATE_HZ
        return Prediction(
            anomaly_score=anomaly_score,
            explanation=self.make_empty_explanation(),
            segment_scores=(),
            contributions=(),
            warnings=(UNEXPLAINED, FIRST_SECONDS_ONLY) if is_cut else (UNEXPLAINED,),
            timing_ms={
                "features": to_milliseconds(features_end - start),
                "score": to_milliseconds(score_end - features_end),
            },
        )

    def compute_anomaly_score(
        self, waveform: Waveform, _codec: str = LOSSLESS, gaps: Sequence[Gap] = ()
    ) -> float:
        """Return only the score of a recording."""
        waveform = take_longest(waveform, gaps)
        features = self.detector.extract_features(waveform, self.mel_filterbank)
        return self.detector.compute_anomaly_score(features)

    def hear_machine_alone(
        self, _waveform: Waveform, _codec: str = LOSSLESS, _gaps: Sequence[Gap] = ()
    ) -> Hearing:
        """Cut out nothing: what is normal at each moment is unknown."""
        return Hearing()

    def is_unlike(self, _waveform: Waveform, _lines: Lines) -> bool:
        """Say nothing: what the machine sounds like is unknown."""
        return False

    def make_empty_explanation(self) -> Explanation:
        """Return an explanation without curve, segments and bands."""
        return Explanation(
            start_s=self.front_end.spec.trim_seconds,
            step_s=self.front_end.spec.step_seconds,
            curve=np.empty(0, np.float32),
            segments=(),
            bands=(),
            is_transient=False,
        )

    def shared_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays of the serving form that do not depend on the detector's type."""
        return {
            "picture_filterbank": self.front_end.mel_filterbank,
            "picture_band_hz": self.front_end.band_hz,
            "mel_filterbank": self.mel_filterbank,
            "golden_features": self.golden_features,
        }

    def check_golden(self) -> None:
        """Raise InvalidArtifact unless the golden features score as they did at the import."""
        score = self.detector.compute_anomaly_score(self.golden_features)
        if not abs(score - self.golden_score) <= GOLDEN_TOLERANCE * abs(self.golden_score):
            raise InvalidArtifact(
                f"The artifact scores its golden features {score:.6g}, not {self.golden_score:.6g}."
            )


def take_longest(waveform: Waveform, gaps: Sequence[Gap]) -> Waveform:
    """Return the longest stretch without a gap."""
    return waveform[slice(*find_longest_stretch(len(waveform), gaps))]


def write_legacy(artifact: LegacyArtifact) -> bytes:
    """Return the serving form: arrays and a JSON header."""
    header = {
        "format_version": LEGACY_FORMAT_VERSION,
        "type": artifact.detector.type,
        "picture_spec": asdict(artifact.front_end.spec),
        "golden_score": artifact.golden_score,
    }
    return pack(header, artifact.shared_arrays(), {DETECTOR_PREFIX: artifact.detector.to_arrays()})


def assemble_legacy(header: Mapping[str, Any], arrays: Arrays) -> LegacyArtifact:
    """Make an artifact of the parts; its golden features must score as they did."""
    detector_class = LEGACY_DETECTORS[header["type"]]
    spec = FeatureSpec(**header["picture_spec"])
    picture_shape = (spec.n_mels, 1 + spec.n_fft // 2)
    filterbank_shape = (detector_class.n_mels, N_BINS)
    golden_shape = (detector_class.n_features,)
    artifact = LegacyArtifact(
        front_end=FrontEnd(
            spec=spec,
            mel_filterbank=take_array(arrays, "picture_filterbank", np.float32, picture_shape),
            band_hz=take_array(arrays, "picture_band_hz", np.float32, (spec.n_mels + 2,)),
        ),
        detector=detector_class.from_arrays(select_learnt_arrays(arrays)),
        mel_filterbank=take_array(arrays, "mel_filterbank", np.float32, filterbank_shape),
        golden_features=take_array(arrays, "golden_features", np.float64, golden_shape),
        golden_score=require_finite(header["golden_score"]),
    )
    artifact.check_golden()
    return artifact
