"""What a microphone does to the sound of a healthy machine is no fault."""

import numpy as np
import pytest

from analysis.sound.audio import SAMPLE_RATE_HZ
from benchmarks.support.planted_faults import mix
from benchmarks.support.responses import RESPONSES, filter_waveform
from tests.support.trained_detectors import (
    MAHALANOBIS,
    OTHER_SESSIONS,
    get_artifact,
    recordings,
)
from training.fitters.domain_shifts import NOISES_DB, add_noise
from training.fitters.sounds import Sound


def count_alarms(waveforms):
    artifact = get_artifact(MAHALANOBIS)
    scores = [artifact.compute_anomaly_score(waveform) for waveform in waveforms]
    return sum(score >= artifact.calibration.warning for score in scores)


def healthy():
    return [waveform for session in OTHER_SESSIONS for waveform in recordings(session)]


@pytest.mark.parametrize("name", ["tilt -4 dB", "tilt -2 dB", "tilt +2 dB", "tilt +4 dB"])
def test_a_tilted_response_is_no_fault(name):
    tilted = [filter_waveform(each, RESPONSES[name]).astype(np.float32) for each in healthy()]
    assert count_alarms(tilted) <= count_alarms(healthy()) + 1


@pytest.mark.parametrize("level_db", [-45.0, -35.0, -30.0])
def test_the_noise_of_a_microphone_is_no_fault(level_db):
    rng = np.random.default_rng(0)
    noisy = [
        mix(each, rng.normal(size=len(each)), level_db).astype(np.float32) for each in healthy()
    ]
    assert count_alarms(noisy) <= count_alarms(healthy()) + 1


@pytest.mark.parametrize("level_db", NOISES_DB)
def test_noise_has_the_level_that_it_says(level_db):
    (waveform, *_) = healthy()
    added = add_noise(Sound(waveform, SAMPLE_RATE_HZ), level_db=level_db) - waveform
    assert 20 * np.log10(added.std() / waveform.std()) == pytest.approx(level_db, abs=0.2)
