"""Training recordings much longer than the others become clips of their own, of one session."""

import io
from shutil import copytree

import numpy as np
import pytest
from django.core.management import call_command

from analysis.loading import detector_for
from analysis.sound.audio import SAMPLE_RATE_HZ
from tests.support import trained_detectors
from tests.support.pump_sounds import pump
from tests.support.trained_detectors import SECONDS, front_end
from tests.support.training_by_command import only_version
from training.datasets.grouping import group_clips

LONG_SECONDS = 6.0


@pytest.mark.parametrize("seconds", [1.5 * SECONDS + 0.5, 4 * SECONDS, 9.7])
def test_the_clips_are_the_windows_that_a_served_recording_has(seconds):
    (waveform,) = trained_detectors.recordings(0, n_clips=1, seconds=seconds)
    windows = front_end().extract_windows(waveform)
    assert len(windows) > 1
    parts = front_end().cut_waveform(waveform)
    assert len(parts) == len(windows)
    for part, window in zip(parts, windows, strict=True):
        (alone,) = front_end().extract_windows(part)
        assert (alone.samples == window.samples).all()
        np.testing.assert_allclose(alone.frames, window.frames, atol=1e-3)


def test_a_recording_that_is_not_much_longer_is_not_cut():
    waveform = np.ones(round(1.4 * SECONDS * SAMPLE_RATE_HZ), np.float32)
    (whole,) = front_end().cut_waveform(waveform)
    assert whole is waveform


def test_no_fold_cuts_a_recording_in_two_even_where_sessions_are_unknown():
    of_recordings = group_clips([""] * 7, max_folds=5)
    recording_of_clip = np.array([0, 1, 2, 2, 2, 2, 3, 4, 4, 5, 6])
    of_clips = of_recordings.select(recording_of_clip)
    for recording in range(7):
        of_this = recording_of_clip == recording
        assert len(set(of_clips.folds[of_this])) == 1
        assert len({of_clips.groups[i] for i in np.flatnonzero(of_this)}) == 1
    assert of_clips.has_few_groups == of_recordings.has_few_groups


@pytest.mark.django_db
def test_a_long_recording_counts_as_its_clips_in_its_session(recordings, tmp_path):
    folder = copytree(recordings / "train_normal", tmp_path / "normal")
    (folder / "take2_8.wav").write_bytes(pump(8, seconds=LONG_SECONDS))
    printed = io.StringIO()
    call_command(
        "train_mahalanobis",
        f"--data_dir={folder}",
        r"--group_by=take\d+",
        "--output_name=pump.npz",
        stdout=printed,
    )
    version = only_version()
    calibration = detector_for(version).calibration
    n_parts = len(detector_for(version).front_end.cut_waveform(np.ones(96_000, np.float32)))
    assert n_parts > 4
    assert version.sample_count == 24
    assert np.bincount(calibration.sessions).tolist() == [4, 4, 3 + n_parts, 4, 4, 4]
    assert "1 of 24 recordings are much longer than the others and are cut" in printed.getvalue()
