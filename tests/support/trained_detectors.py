"""Every detector type, trained once a test session on two-second recordings of the demo pump."""

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
from training.fitters.codecs import extract_through_codecs
from training.fitters.crossings import extract_crossings
from training.fitters.domain_shifts import measure_domain_shifts
from training.fitters.front_end import build_front_end
from training.fitters.sounds import Sound
from training.trainers import FITTERS

SECONDS = 2.0
N_SESSIONS = 10
CLIPS_PER_SESSION = 3
MAX_FOLDS = 3
# Recording sessions of the normal machine that no detector was trained on.
OTHER_SESSIONS = (100, 101, 102)
FOREST = "level1_isolation_forest"
AUTOENCODER = "level2_autoencoder"
MAHALANOBIS = "level3_mahalanobis"
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


def recordings(session_number, *, fault=None, n_clips=CLIPS_PER_SESSION, seconds=SECONDS):
    """Record clips of one session, each as a waveform."""
    rng = np.random.default_rng([7, session_number])
    session = RecordingSession.sample(rng)
    return [
        record(rng, PUMP, session, seconds=seconds, fault=fault).astype(np.float32)
        for _ in range(n_clips)
    ]


@cache
def healthy():
    """Record sessions that no detector was trained on."""
    return [waveform for session in OTHER_SESSIONS for waveform in recordings(session)]


@cache
def faulty():
    """Record each fault in the same sessions."""
    return [
        waveform
        for session in OTHER_SESSIONS
        for fault in PUMP.faults
        for waveform in recordings(session, fault=fault)
    ]


@cache
def front_end():
    return build_front_end(recordings(0))


def extract_clip(waveform, detector_type) -> ClipFeatures:
    """Extract the features of a recording for this type of detector."""
    return ClipFeatures.extract(waveform, front_end(), DETECTORS[detector_type])


@cache
def training_waveforms():
    return [waveform for session in range(N_SESSIONS) for waveform in recordings(session)]


@cache
def training_clips(detector_type) -> list[ClipFeatures]:
    return [extract_clip(waveform, detector_type) for waveform in training_waveforms()]


def training_sounds():
    return [partial(Sound, waveform, SAMPLE_RATE_HZ) for waveform in training_waveforms()]


@cache
def measure_shifts(fitter_class):
    return measure_domain_shifts(front_end(), fitter_class, training_sounds())


def groups() -> list[str]:
    return [f"take{i // CLIPS_PER_SESSION}" for i in range(len(training_waveforms()))]


def grouping() -> Grouping:
    return group_clips(groups(), max_folds=MAX_FOLDS)


def fitter(detector_type, *, seed=0, **parameters) -> Fitter:
    fitter_class = import_string(FITTERS[detector_type])
    return fitter_class(
        front_end(),
        measure_shifts(fitter_class),
        seed=seed,
        accelerator="cpu",
        parameters=PARAMETERS[detector_type] | parameters,
    )


@share
def train(detector_type) -> TrainedDetector:
    of_type = fitter(detector_type)
    stored = extract_through_codecs(front_end(), type(of_type), training_sounds(), groups())
    clips = training_clips(detector_type)
    crossings = extract_crossings(
        training_waveforms(), groups(), front_end(), DETECTORS[detector_type]
    )
    return build_artifact(of_type, clips, grouping(), 0.05, stored=stored, crossings=crossings)


def get_artifact(detector_type) -> Artifact:
    return train(detector_type).artifact
