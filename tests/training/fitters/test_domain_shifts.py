"""What a microphone does to the sound of a healthy machine is no fault."""

from functools import partial

import numpy as np
import pytest
import scipy.signal

from analysis.detectors.mahalanobis import MahalanobisDetector
from analysis.sound.audio import SAMPLE_RATE_HZ
from benchmarks.support.planted_faults import mix
from benchmarks.support.responses import RESPONSES, filter_waveform
from tests.support.trained_detectors import (
    MAHALANOBIS,
    get_artifact,
    grouping,
    healthy,
    training_waveforms,
)
from training.fitters.building import build_artifact
from training.fitters.clips import ClipFeatures
from training.fitters.domain_shifts import NOISES_DB, add_noise, measure_domain_shifts
from training.fitters.front_end import build_front_end
from training.fitters.mahalanobis import MahalanobisFitter
from training.fitters.sounds import Sound


def count_alarms(artifact, waveforms):
    scores = [artifact.compute_anomaly_score(each.astype(np.float32)) for each in waveforms]
    return sum(score >= artifact.calibration.warning for score in scores)


@pytest.mark.parametrize("name", ["tilt -4 dB", "tilt -2 dB", "tilt +2 dB", "tilt +4 dB"])
def test_a_tilted_response_is_no_fault(name):
    artifact = get_artifact(MAHALANOBIS)
    tilted = [filter_waveform(each, RESPONSES[name]) for each in healthy()]
    assert count_alarms(artifact, tilted) <= count_alarms(artifact, healthy()) + 1


def muffle(waveform):
    """Leave so little of the high bands that the noise of a microphone is heard there."""
    sections = scipy.signal.butter(2, 1500, fs=SAMPLE_RATE_HZ, output="sos")
    return scipy.signal.sosfilt(sections, waveform).astype(np.float32)


@pytest.fixture(scope="module")
def muffled_artifact():
    waveforms = [muffle(each) for each in training_waveforms()]
    front_end = build_front_end(waveforms)
    sounds = [partial(Sound, each, SAMPLE_RATE_HZ) for each in waveforms]
    shifts = measure_domain_shifts(front_end, MahalanobisFitter, sounds)
    fitter = MahalanobisFitter(front_end, shifts, seed=0, accelerator="cpu", parameters={})
    clips = [ClipFeatures.extract(each, front_end, MahalanobisDetector) for each in waveforms]
    return build_artifact(fitter, clips, grouping(), 0.05, stored={}).artifact


@pytest.mark.parametrize("level_db", [-40.0, -30.0])
def test_the_noise_of_a_microphone_is_no_fault(muffled_artifact, level_db):
    muffled = [muffle(each) for each in healthy()]
    rng = np.random.default_rng(0)
    noisy = [mix(each, rng.normal(size=len(each)), level_db) for each in muffled]
    assert count_alarms(muffled_artifact, noisy) <= count_alarms(muffled_artifact, muffled) + 1


@pytest.mark.parametrize("level_db", NOISES_DB)
def test_noise_has_the_level_that_it_says(level_db):
    waveform = healthy()[0]
    added = add_noise(Sound(waveform, SAMPLE_RATE_HZ), level_db=level_db) - waveform
    assert 20 * np.log10(added.std() / waveform.std()) == pytest.approx(level_db, abs=0.2)
