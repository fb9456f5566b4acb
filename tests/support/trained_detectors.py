"""Every kind of detector, trained once a session on two-second recordings of the demo pump."""

from functools import cache, partial
from typing import Any

import numpy as np
from django.utils.module_loading import import_string

from analysis.detectors.artifact import DETECTORS, Artifact
from analysis.sound.audio import SAMPLE_RATE_HZ
from tests.support.sharing import share
from training.datasets.grouping import Grouping, group_clips
from training.demo_sounds import PUMP, RecordingSession, record
from training.fitters.base import Fitter
from training.fitters.building import TrainedDetector, build_artifact
from training.fitters.clips import ClipFeatures
from training.fitters.domain_shifts import Sound, measure_domain_shifts
from training.fitters.front_end import build_front_end
from training.trainers import FITTERS

SECONDS = 2.0
N_TAKES, CLIPS_PER_TAKE, MAX_FOLDS = 10, 3, 3
# Takes of the normal machine that no detector was trained on.
OTHER_TAKES = (100, 101, 102)
FOREST, AUTOENCODER, MAHALANOBIS = (
    "level1_isolation_forest",
    "level2_autoencoder",
    "level3_mahalanobis",
)
PARAMETERS: dict[str, dict[str, Any]] = {
    FOREST: {"n_estimators": 100},
    AUTOENCODER: {
        "epochs": 5,
        "learning_rate": 3e-3,
        "batch_size": 64,
        "objective": "reconstruction",
    },
    MAHALANOBIS: {},
}
DETECTOR_TYPES = sorted(DETECTORS)


def recordings(take_number, *, fault=None, n_clips=CLIPS_PER_TAKE, seconds=SECONDS):
    """Clips of one take, each as a waveform."""
    rng = np.random.default_rng([7, take_number])
    take = RecordingSession.sample(rng)
    return [
        record(rng, PUMP, take, seconds=seconds, fault=fault).astype(np.float32)
        for _ in range(n_clips)
    ]


@cache
def healthy():
    """Recordings of takes that no detector was trained on."""
    return [waveform for take in OTHER_TAKES for waveform in recordings(take)]


@cache
def faulty():
    """Recordings of each fault, in the same takes."""
    return [
        waveform
        for take in OTHER_TAKES
        for fault in PUMP.faults
        for waveform in recordings(take, fault=fault)
    ]


@cache
def front_end():
    return build_front_end(recordings(0))


def heard(waveform, detector_type) -> ClipFeatures:
    """A recording as a detector of this kind hears it."""
    return ClipFeatures.extract(waveform, front_end(), DETECTORS[detector_type])


@cache
def training_waveforms():
    return [waveform for take in range(N_TAKES) for waveform in recordings(take)]


@cache
def training_clips(detector_type) -> list[ClipFeatures]:
    return [heard(waveform, detector_type) for waveform in training_waveforms()]


@cache
def channels(detector_type):
    sounds = [partial(Sound, waveform, SAMPLE_RATE_HZ) for waveform in training_waveforms()]
    return measure_domain_shifts(front_end(), DETECTORS[detector_type], sounds)


def grouping() -> Grouping:
    return group_clips(
        [f"take{i // CLIPS_PER_TAKE}" for i in range(len(training_waveforms()))],
        max_folds=MAX_FOLDS,
    )


def fitter(detector_type, *, seed=0, **parameters) -> Fitter:
    return import_string(FITTERS[detector_type])(
        front_end(),
        channels(detector_type),
        seed=seed,
        accelerator="cpu",
        parameters=PARAMETERS[detector_type] | parameters,
    )


@share
def trained(detector_type) -> TrainedDetector:
    return build_artifact(fitter(detector_type), training_clips(detector_type), grouping(), 0.05)


def artifact(detector_type) -> Artifact:
    return trained(detector_type).artifact
