"""A real artifact: a small forest, trained once a session on the pump of the tests."""

from dataclasses import replace
from functools import partial

from analysis import detectors
from analysis.detectors.forest import IsolationForestDetector
from analysis.sound.audio import SAMPLE_RATE_HZ, decode
from analysis.sound.quality import assess_quality
from tests.support.pump_sounds import pump
from tests.support.serving_forms import to_older_format
from tests.support.sharing import share
from training.datasets.grouping import group_clips
from training.fitters.building import build_artifact
from training.fitters.clips import ClipFeatures
from training.fitters.domain_shifts import measure_domain_shifts
from training.fitters.forest import ForestFitter
from training.fitters.front_end import build_front_end, with_bandwidth
from training.fitters.sounds import Sound

N_CLIPS = 24
CLIPS_PER_SESSION = 4


@share
def train() -> bytes:
    """Train a forest on the pump of seeds 100 to 123 and return its serving form."""
    decoded = [decode(pump(100 + n)) for n in range(N_CLIPS)]
    waveforms = [clip.waveform for clip in decoded]
    front_end = with_bandwidth(
        build_front_end(waveforms), [assess_quality(clip).bandwidth_hz for clip in decoded]
    )
    clips = [
        ClipFeatures.extract(waveform, front_end, IsolationForestDetector) for waveform in waveforms
    ]
    domain_shifts = measure_domain_shifts(
        front_end,
        ForestFitter,
        [partial(Sound, each, SAMPLE_RATE_HZ) for each in waveforms],
    )
    fitter = ForestFitter(
        front_end, domain_shifts, seed=0, accelerator="cpu", parameters={"n_estimators": 50}
    )
    grouping = group_clips([f"take{n // CLIPS_PER_SESSION}" for n in range(N_CLIPS)], max_folds=3)
    return build_artifact(fitter, clips, grouping, 0.05, stored={}).serving_form


def to_format_2(content):
    """Return a serving form as the release of format 2 would have trained it."""
    artifact = detectors.read(content)
    detector = replace(artifact.detector, shift_cost=0.0)
    golden_score = detector.compute_anomaly_score(artifact.golden_features)
    calibration = replace(artifact.calibration, sessions=None)
    older = replace(artifact, detector=detector, golden_score=golden_score, calibration=calibration)
    return to_older_format(detectors.write(older), 2)
