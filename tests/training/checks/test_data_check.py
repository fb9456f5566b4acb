"""The check of the recordings finds what may mislead a detector."""

import shutil

import numpy as np
import pytest
import soundfile
import soxr

from analysis.sound.audio import Limits, decode
from tests.support.recordings import FORMATS, encode
from training.checks import data_quality
from training.checks.copies import ACROSS_GROUPS
from training.checks.data_check import check_data
from training.checks.issues import DataCheck, Issue
from training.datasets.datasets import read_dataset
from training.datasets.listing import abbreviate, list_recordings
from training.errors import UnfitRecordings
from training.fitters.front_end import build_front_end

RATE_HZ = 16_000


@pytest.fixture
def folder(recordings, tmp_path):
    """Six sessions of four recordings of one pump."""
    return shutil.copytree(recordings / "train_normal", tmp_path / "normal")


def check(folder, *, group_by=r"take\d+", rate=0.05, tests=()):
    clips = read(folder, group_by)
    front_end = build_front_end([clip.waveform for clip in clips])
    frames = [
        [window.frames for window in front_end.extract_windows(clip.waveform)] for clip in clips
    ]
    test_clips = {path.name: read(path) for path in tests}
    return check_data(clips, frames, front_end, tests=test_clips, target_false_alarm_rate=rate)


def read(folder, group_by=None):
    return read_dataset(list_recordings(folder), limits=Limits(), group_by=group_by).clips


def found(folder, **options):
    return {issue.code: issue for issue in check(folder, **options).issues}


def sound(path):
    return decode(path).waveform


def write(path, samples, rate_hz=RATE_HZ):
    soundfile.write(path, samples, rate_hz, subtype="PCM_16")


def hiss(seconds=1.5, seed=0):
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)).astype(np.float32)


def test_six_sessions_of_a_healthy_machine_have_no_issues(folder):
    assert found(folder) == {}


# Copies


@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_copy_in_another_session_is_named_with_its_consequence(folder, suffix):
    write(folder / f"take1_copy.{suffix}", sound(folder / "take0_0.wav"))
    (code, copies), *others = found(folder).items()
    assert (code, others) == ("copies", [])
    assert copies.names == ("take0_0.wav", f"take1_copy.{suffix}")
    assert "thresholds come out too low" in copies.detail


@pytest.mark.parametrize(("group_by", "is_leak"), [(r"take\d+", False), (None, True)])
def test_a_copy_within_one_session_only_counts_twice(folder, group_by, is_leak):
    shutil.copy(folder / "take0_0.wav", folder / "take0_copy.wav")
    assert ("too low" in found(folder, group_by=group_by)["copies"].detail) == is_leak


def test_copies_of_nothing_but_one_recording_are_named(folder):
    content = (folder / "take0_0.wav").read_bytes()
    for path in folder.iterdir():
        path.write_bytes(content)
    assert found(folder)["copies"].detail.endswith(" and 21 more. " + ACROSS_GROUPS)


CHANGES = {
    "louder": lambda samples: 1.4 * samples,
    "20 dB quieter": lambda samples: 0.1 * samples,
    "5 samples later": lambda samples: samples[5:],
    "1000 samples earlier": lambda samples: np.concatenate(
        [hiss(1 / 16, seed=9) * samples.std(), samples]
    ),
    "upside down": lambda samples: -samples,
    "in other noise": lambda samples: samples + 0.3 * samples.std() * hiss(seed=3)[: len(samples)],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_sound_is_recognised_when_it_was_changed(folder, change):
    write(folder / "take3_changed.wav", change(sound(folder / "take0_0.wav")))
    assert found(folder)["same_sound"].names == ("take0_0.wav", "take3_changed.wav")


@pytest.mark.parametrize("form", ["mp3", "ogg_vorbis", "ogg_opus", "m4a", "amr"])
def test_a_sound_is_recognised_in_another_format(folder, form):
    rate_hz = FORMATS[form][2]
    samples = soxr.resample(sound(folder / "take0_0.wav"), RATE_HZ, rate_hz)
    (folder / f"take3_sent.{form.partition('_')[0]}").write_bytes(encode(samples, rate_hz, form))
    assert found(folder)["same_sound"].names[0] == "take0_0.wav"


def test_cuts_that_share_half_of_their_sound_are_recognised(folder):
    long = np.concatenate([sound(folder / f"take0_{n}.wav") for n in range(2)])
    for n, start in enumerate((0, 12_000)):
        write(folder / f"take3_cut{n}.wav", long[start : start + 24_000])
    (folder / "take0_0.wav").unlink()
    (folder / "take0_1.wav").unlink()
    assert found(folder)["same_sound"].names == ("take3_cut0.wav", "take3_cut1.wav")


def test_a_recording_within_a_much_longer_one_is_recognised(folder):
    parts = [sound(folder / f"take0_{n}.wav") for n in range(4)]
    for n in (0, 1, 3):
        (folder / f"take0_{n}.wav").unlink()
    write(folder / "take1_long.wav", np.concatenate([hiss(0.5), *parts, *parts[:2]]))
    assert found(folder)["same_sound"].names == ("take0_2.wav", "take1_long.wav")


def test_pairs_with_a_recording_in_common_are_one_set(folder):
    for name, gain in (("take2_a.wav", 0.5), ("take3_b.wav", 0.3)):
        write(folder / name, gain * sound(folder / "take0_0.wav"))
    detail = found(folder)["same_sound"].detail
    assert detail.startswith(
        "The same sound in different files: take0_0.wav = take2_a.wav = take3_b.wav. "
    )


@pytest.mark.parametrize(
    ("seconds", "hiss_level"), [(1.0, 0.1), (1.0, 0.01), (3.0, 0.01), (3.0, 1e-3)]
)
def test_recordings_of_a_machine_that_is_all_tones_and_regular_knocks_are_no_copies(
    tmp_path, seconds, hiss_level
):
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    rng = np.random.default_rng(4)
    for n in range(24):
        tones = [np.sin(2 * np.pi * (hz * t + rng.random())) for hz in (60, 120, 700, 1_400, 2_100)]
        turns = 10 * (1 + 2e-3 * rng.standard_normal()) * t + rng.random()
        knocks = np.exp(-8 * (turns % 1)) * np.sin(2 * np.pi * 1_100 * t)
        steady = 0.05 * sum(tones) + 0.05 * knocks + hiss_level * rng.standard_normal(len(t))
        write(tmp_path / f"take{n // 4}_{n}.wav", steady)
    assert "same_sound" not in found(tmp_path)


# Copies in test folders


@pytest.fixture
def test_normal(recordings, tmp_path):
    return shutil.copytree(recordings / "test_normal", tmp_path / "test_normal")


def test_other_test_recordings_are_none_of_the_training_folder(folder, test_normal):
    assert found(folder, tests=[test_normal]) == {}


def test_a_training_recording_in_a_test_folder_is_always_refused(folder, test_normal):
    shutil.copy(folder / "take4_17.wav", test_normal / "innocent.wav")
    checked = check(folder, tests=[test_normal])
    assert [(each.code, each.names) for each in checked.issues] == [
        ("test_copies", ("test_normal/innocent.wav",))
    ]
    with pytest.raises(
        UnfitRecordings, match=r"also in the training folder: test_normal/innocent\.wav"
    ):
        checked.raise_if_unfit(is_strict=False)


def test_the_sound_of_a_training_recording_in_a_test_folder_is_reported(folder, test_normal):
    write(test_normal / "innocent.wav", 0.5 * sound(folder / "take4_17.wav"))
    checked = check(folder, tests=[test_normal])
    assert [(each.code, each.names) for each in checked.issues] == [
        ("test_same_sound", ("test_normal/innocent.wav",))
    ]
    checked.raise_if_unfit(is_strict=False)


# Outliers


def test_a_recording_unlike_the_others_is_named_with_its_band(folder):
    whistle = np.sin(2 * np.pi * 2_900 * np.arange(24_000) / RATE_HZ)
    healthy = sound(folder / "take2_9.wav")
    write(folder / "take2_9.wav", healthy + 0.3 * healthy.std() * whistle)
    outlier = found(folder)["outlier"]
    assert outlier.names == ("take2_9.wav",)
    assert "take2_9.wav sounds unlike the others: mostly 2000-4000 Hz" in outlier.detail
    assert "stronger than usual" in outlier.detail


# Quality, rates, lengths


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("clipped", lambda samples: np.clip(20 * samples, -1, 1)),
        ("quiet", lambda samples: 2e-4 * samples / samples.std()),
        (
            "band_limited",
            lambda samples: soxr.resample(soxr.resample(samples, RATE_HZ, 6_000), 6_000, RATE_HZ),
        ),
    ],
)
def test_poor_recordings_are_named_with_what_is_the_matter(folder, code, spoil):
    write(folder / "take2_9.wav", spoil(sound(folder / "take2_9.wav")))
    issue = found(folder)[code]
    assert issue.names == ("take2_9.wav",)
    assert "1 of 24 recordings (take2_9.wav). " in issue.detail


def test_sample_rates_that_differ_are_counted(folder):
    for n in (4, 5):
        path = folder / f"take1_{n}.wav"
        write(path, soxr.resample(sound(path), RATE_HZ, 8_000), 8_000)
    issues = found(folder)
    assert (
        "22 at 16000 Hz, 2 at 8000 Hz (take1_4.wav, take1_5.wav)"
        in issues["mixed_sample_rates"].detail
    )
    assert issues["low_sample_rate"].names == ("take1_4.wav", "take1_5.wav")


def test_lengths_that_differ_much_are_named(folder):
    write(
        folder / "take2_long.wav",
        np.concatenate([sound(folder / f"take2_{n}.wav") for n in (8, 9)]),
    )
    for n in (8, 9):
        (folder / f"take2_{n}.wav").unlink()
    mixed = found(folder)["mixed_lengths"]
    assert mixed.names == ("take2_long.wav",)
    assert "median of 1.5 s" in mixed.detail


# Sessions and numbers


@pytest.mark.parametrize(
    ("group_by", "words"),
    [
        (None, "names: 0, and 3 more are needed"),
        (r"take\d+_\d+", None),
        ("take0", "names: 2, and 1 more are needed"),
    ],
)
def test_too_few_sessions_are_reported_with_how_many_are_missing(folder, group_by, words):
    few = found(folder, group_by=group_by).get("few_takes")
    assert (few is None) if words is None else (words in few.detail)


def test_a_session_that_outweighs_the_others_is_named(folder):
    uneven = found(folder, group_by=r"take[123]|take")["uneven_takes"]
    assert uneven.detail.startswith(
        "Uneven recording sessions: take has 12 recordings, the median session 4."
    )


def test_recordings_of_no_session_are_named_beside_those_of_one(folder):
    (folder / "take5_23.wav").rename(folder / "another.wav")
    assert found(folder)["untold_takes"].names == ("another.wav",)


@pytest.mark.parametrize(("rate", "missing"), [(0.05, None), (0.04, None), (0.03, 9), (0.01, 75)])
def test_too_few_recordings_for_the_rate_are_reported_with_how_many_are_missing(
    folder, rate, missing
):
    few = found(folder, rate=rate).get("few_recordings")
    assert (few is None) if missing is None else (f"{missing} more are needed" in few.detail)


# What becomes of issues


def test_only_strict_refuses_for_issues_other_than_test_copies():
    checked = DataCheck((Issue("quiet", "Very quiet: a.wav.", ("a.wav",)),))
    checked.raise_if_unfit(is_strict=False)
    with pytest.raises(UnfitRecordings, match=r"Very quiet: a\.wav\."):
        checked.raise_if_unfit(is_strict=True)
    DataCheck(()).raise_if_unfit(is_strict=True)


@pytest.mark.parametrize(("n", "words"), [(1, "a"), (3, "a, b, c"), (5, "a, b, c and 2 more")])
def test_a_few_names_are_shown(n, words):
    assert abbreviate("abcde"[:n]) == words


def test_recordings_that_the_app_cannot_match_are_reported(folder, monkeypatch):
    assert "long_recordings" not in found(folder)
    monkeypatch.setattr(data_quality, "APP_SECONDS", 0.7)
    assert "at least half the usual length, here 1 s" in found(folder)["long_recordings"].detail
