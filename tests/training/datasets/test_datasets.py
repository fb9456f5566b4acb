"""A folder of recordings becomes clips, refusals, sessions and a fingerprint of its files."""

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from analysis.sound.audio import Limits
from tests.support.pump_sounds import pump
from tests.support.recordings import recording
from training.datasets.datasets import Fingerprint, count_by_code, read_dataset
from training.datasets.listing import list_recordings
from training.errors import InvalidOption, NoRecordings, UnusableRecordings

LIMITS = Limits(max_bytes=10_000_000)
PUMP = pump(seconds=1.5)


@pytest.fixture
def folder(tmp_path):
    """Five recordings, in two sub-folders."""
    for take in (1, 2):
        (tmp_path / "in" / f"day{take}").mkdir(parents=True)
    for name in (
        "day1/take1_a.wav",
        "day1/take1_b.wav",
        "day2/take2_a.wav",
        "day2/take3_a.wav",
        "take3_b.wav",
    ):
        (tmp_path / "in" / name).write_bytes(PUMP)
    return tmp_path / "in"


def read(folder, **options):
    return read_dataset(list_recordings(folder), limits=LIMITS, **options)


def names(dataset):
    return dataset.names


# Which files


def test_recordings_below_the_folder_are_read_in_order_of_name(folder):
    assert names(read(folder)) == [
        "day1/take1_a.wav",
        "day1/take1_b.wav",
        "day2/take2_a.wav",
        "day2/take3_a.wav",
        "take3_b.wav",
    ]
    assert all(len(recording.waveform) == 24_000 for recording in read(folder).clips)


def test_other_and_hidden_files_are_left_alone(folder):
    for name in (
        "notes.txt",
        "day1/labels.json",
        ".hidden.wav",
        "day1/._take1_a.wav",
        "wav",
        ".Trash/take9.wav",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"not a recording")
    (folder / "folder.wav").mkdir()
    assert len(names(read(folder))) == 5
    assert read(folder).refusals == ()


def test_a_hidden_folder_above_is_no_reason_to_find_nothing(tmp_path, folder):
    shutil.move(folder, tmp_path / ".recordings")
    assert len(names(read(tmp_path / ".recordings"))) == 5


@pytest.mark.parametrize(
    "name", ["LOUD.WAV", "a.Flac", "b.mp3", "c.ogg", "d.m4a", "e.aac", "f.webm", "g.aiff", "h.amr"]
)
def test_every_kind_of_recording_is_read_whatever_the_case_of_its_suffix(tmp_path, name):
    (tmp_path / name).write_bytes(
        recording(name.rpartition(".")[2].lower().replace("ogg", "ogg_vorbis"))
    )
    assert names(read(tmp_path)) == [name]


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_bytes(PUMP)]
)
def test_a_folder_that_is_missing_empty_or_none_is_named(tmp_path, make):
    make(tmp_path / "folder.wav")
    for find in (list_recordings, read):
        with pytest.raises(NoRecordings, match=r"folder\.wav"):
            find(tmp_path / "folder.wav")


def test_each_file_is_reported_when_it_is_done(folder):
    done = []
    read(folder, on_file=lambda n, total: done.append((n, total)))
    assert done == [(n, 5) for n in range(1, 6)]


# Refusals


def test_what_cannot_be_used_is_counted_by_its_code(folder):
    for number in range(15):
        (folder / f"more_{number}.wav").write_bytes(PUMP)
    (folder / "bad_a.wav").write_bytes(b"")
    (folder / "bad_b.wav").write_bytes(pump(seconds=0.5))
    (folder / "bad_c.mp3").write_bytes(b"no sound at all")
    (folder / "bad_d.wav").write_bytes(PUMP[:44] + bytes(48_000))
    (folder / "bad_e.wav").write_bytes(b"")
    dataset = read(folder)
    assert len(dataset.clips) == 20
    assert [refusal.name for refusal in dataset.refusals] == [
        f"bad_{letter}" + (".mp3" if letter == "c" else ".wav") for letter in "abcde"
    ]
    assert count_by_code(dataset.refusals) == {
        "empty": 2,
        "recording_too_short": 1,
        "unsupported_format": 1,
        "silent": 1,
    }
    assert all(refusal.detail for refusal in dataset.refusals)


def test_a_folder_with_too_much_that_cannot_be_used_is_refused(folder):
    (folder / "bad_a.wav").write_bytes(b"")
    (folder / "bad_b.wav").write_bytes(b"")
    with pytest.raises(UnusableRecordings, match=r"2 of 7 files cannot be used. bad_a\.wav: "):
        read(folder)


def test_strict_means_that_every_file_must_be_usable(folder):
    assert len(read(folder, is_strict=True).clips) == 5
    (folder / "bad.wav").write_bytes(b"")
    assert len(read(folder).clips) == 5
    with pytest.raises(UnusableRecordings, match="1 of 6"):
        read(folder, is_strict=True)


# Recording sessions


@pytest.mark.parametrize(
    ("pattern", "groups"),
    [
        (None, [""] * 5),
        (r"take\d", ["take1", "take1", "take2", "take3", "take3"]),
        (r"take(\d)_", ["1", "1", "2", "3", "3"]),
        (r"^(day\d)/|(take)", ["day1", "day1", "day2", "day2", "take"]),
        (r"day\d", ["day1", "day1", "day2", "day2", ""]),
    ],
)
def test_a_pattern_finds_the_session_in_the_name_below_the_folder(folder, pattern, groups):
    assert read(folder, group_by=pattern).groups == groups


@pytest.mark.parametrize("pattern", ["take(", "nowhere"])
def test_a_pattern_that_is_none_or_finds_nothing_is_refused(folder, pattern):
    with pytest.raises(InvalidOption, match="group_by"):
        read(folder, group_by=pattern)


# Fingerprint


def test_the_fingerprint_does_not_depend_on_where_and_when_the_folder_was_made(folder, tmp_path):
    before = read(folder).fingerprint
    shutil.copytree(folder, tmp_path / "elsewhere" / "copied")
    for path in list_recordings(folder).paths:
        os.utime(path, (1, 1))
    assert len(before) == 64
    assert read(folder).fingerprint == read(tmp_path / "elsewhere" / "copied").fingerprint == before


def rename(folder):
    (folder / "take3_b.wav").rename(folder / "take3_c.wav")


def move(folder):
    (folder / "take3_b.wav").rename(folder / "day1" / "take3_b.wav")


def remove(folder):
    (folder / "take3_b.wav").unlink()


def change_a_byte(folder):
    content = bytearray(PUMP)
    content[-1] ^= 1
    (folder / "take3_b.wav").write_bytes(content)


def add_an_unusable_file(folder):
    (folder / "bad.wav").write_bytes(b"")


@pytest.mark.parametrize("change", [rename, move, remove, change_a_byte, add_an_unusable_file])
def test_the_fingerprint_depends_on_names_and_contents(folder, change):
    before = read(folder).fingerprint
    change(folder)
    assert read(folder).fingerprint != before


def test_the_fingerprint_tells_where_one_file_ends_and_the_next_begins():
    fingerprints = set()
    for contents in ((b"one", b"two"), (b"onet", b"wo"), (b"", b"onetwo"), (b"two", b"one")):
        fingerprint = Fingerprint()
        for name, content in zip((b"a.wav", b"b.wav"), contents, strict=True):
            fingerprint.add(name, len(content), [content])
        fingerprints.add(fingerprint.hexdigest())
    assert len(fingerprints) == 4


def test_each_file_is_read_once(folder, monkeypatch):
    read_paths = []
    open_path = Path.open

    def count(path, *args, **kwargs):
        read_paths.append(path)
        return open_path(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", count)
    (clip, *_others) = read(folder).clips
    assert sorted(read_paths) == sorted(list_recordings(folder).paths)
    assert clip.sha256 == hashlib.sha256(PUMP).hexdigest()


def test_a_file_too_large_to_hold_is_refused_and_part_of_the_fingerprint(folder):
    before = read(folder).fingerprint
    (folder / "large.wav").write_bytes(bytes(LIMITS.max_bytes + 1))
    dataset = read(folder)
    assert [(refusal.name, refusal.code) for refusal in dataset.refusals] == [
        ("large.wav", "too_large")
    ]
    assert dataset.fingerprint != before


def test_a_csv_file_is_read_no_further_than_any_recording_goes(folder):
    with (folder / "endless.csv").open("wb") as file:
        file.truncate(1 << 28)  # a hole, which takes no space on the disk
    dataset = read(folder)
    assert [(refusal.name, refusal.code) for refusal in dataset.refusals] == [
        ("endless.csv", "too_large")
    ]


# CSV


WAVE = np.sin(np.arange(24_000) / 5)


def write_csv(path, rows, *, header=None):
    path.write_text("\n".join([*([header] if header else []), *map(str, rows)]) + "\n")


@pytest.mark.parametrize("header", [None, "vibration [m/s²]", '"value"'])
@pytest.mark.parametrize("scale", [1, 1e4, 1e-3])
def test_a_csv_with_one_column_is_a_recording(tmp_path, header, scale):
    write_csv(tmp_path / "sensor.CSV", scale * WAVE, header=header)
    (sensor,) = read(tmp_path).clips
    shape = (WAVE - np.mean(WAVE)) / np.std(WAVE)
    assert sensor.waveform == pytest.approx(0.1 * shape, abs=1e-3)


def test_a_csv_is_brought_from_its_own_rate_to_ours(tmp_path):
    write_csv(tmp_path / "sensor.csv", WAVE)
    (sensor,) = read(tmp_path, csv_sample_rate_hz=8_000).clips
    assert len(sensor.waveform) == pytest.approx(48_000, abs=2)


BAD_CSV = {
    "nothing": "",
    "a header alone": "value\n",
    "text": "value\nhigh\nlow\n",
    "a hole": "1\n2\n\n" + "\n".join(["x"] * 3),
    "not a number": "\n".join(["0.1", "nan", "0.2"] * 8000),
    "infinite": "\n".join(["0.1", "inf", "0.2"] * 8000),
    "two columns": "\n".join(f"{i / 16_000},{value}" for i, value in enumerate(WAVE)),
    "bytes": "\x00\xff\x00",
}


@pytest.mark.parametrize("text", BAD_CSV.values(), ids=BAD_CSV)
def test_a_csv_that_is_not_one_column_of_numbers_is_refused(folder, text):
    (folder / "sensor.csv").write_text(text, encoding="latin-1")
    (refusal,) = read(folder).refusals
    assert (refusal.name, refusal.code) == ("sensor.csv", "undecodable_audio")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (WAVE[:8_000], "recording_too_short"),
        pytest.param(np.tile(WAVE, 85), "recording_too_long", marks=pytest.mark.slow),
        (0 * WAVE, "silent"),
    ],
    ids=["half a second", "two minutes", "zeros"],
)
def test_a_csv_passes_the_same_gate_as_every_recording(folder, rows, code):
    write_csv(folder / "sensor.csv", rows)
    (refusal,) = read(folder).refusals
    assert refusal.code == code


def test_a_wav_and_a_csv_of_the_same_samples_are_the_same_recording(tmp_path):
    soundfile.write(tmp_path / "a.wav", WAVE.astype(np.float32), 16_000, subtype="FLOAT")
    write_csv(tmp_path / "b.csv", WAVE)
    first, second = read(tmp_path).clips
    assert second.waveform == pytest.approx(first.waveform, abs=1e-6)
