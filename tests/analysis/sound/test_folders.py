"""Every entry of a folder is a recording, refused with a reason, or not a recording."""

import os
from pathlib import Path

import pytest

from analysis.sound.file_types import FILE_TYPES, SOUND_SUFFIXES
from analysis.sound.folders import find_files


def count_entries(found):
    return len(found.paths) + len(found.unreadable) + sum(found.others.values())


@pytest.fixture
def folder(tmp_path):
    """Recordings, what is none, and links of every kind: ten entries."""
    root = tmp_path / "normal"
    elsewhere = tmp_path / "session 2"
    for each in (root / "day1", elsewhere):
        each.mkdir(parents=True)
    for name in ("a.wav", "day1/b.MOV", "notes.txt", "README", ".hidden.wav", "._a.wav"):
        (root / name).write_bytes(b"x")
    (elsewhere / "c.oga").write_bytes(b"x")
    (root / "session2").symlink_to(elsewhere)
    (root / "day1" / "again").symlink_to(root)
    (root / "linked.wav").symlink_to(elsewhere / "c.oga")
    (root / "gone.wav").symlink_to(root / "nowhere.wav")
    return root


def test_every_entry_is_counted_once(folder):
    found = find_files(folder)
    names = [path.relative_to(folder).as_posix() for path in found.paths]
    assert names == ["a.wav", "day1/b.MOV", "linked.wav", "session2/c.oga"]
    assert [entry.path.name for entry in found.unreadable] == ["gone.wav"]
    assert found.others == {
        ".txt": 1,
        "hidden": 2,
        "links to a folder that they are in": 1,
        "without a suffix": 1,
    }
    assert count_entries(found) == 10


def test_a_folder_that_cannot_be_read_is_named(folder, monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "day1":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    unreadable = {entry.path.name: entry.detail for entry in find_files(folder).unreadable}
    assert unreadable["day1"] == "The folder cannot be read: Permission denied."


def test_whatever_the_api_judges_is_a_recording_in_a_folder_too():
    assert {".mp4", ".mov", ".oga", ".wave", ".w64", ".opus"} <= SOUND_SUFFIXES
    assert len(SOUND_SUFFIXES) == sum(len(each.suffixes) for each in FILE_TYPES)
