"""Recording sessions are found in file names, and only where they are plain."""

import pytest

from tests.support.training_by_command import only_version
from training.datasets import group_patterns
from training.datasets.fault_types import infer_fault_types
from training.datasets.group_patterns import (
    BEFORE_NUMBER,
    compile_pattern,
    describe_groups,
    find_group,
    find_group_pattern,
    find_groups,
)
from training.errors import InvalidOption


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (
            [f"take{n // 4}_{n % 4}.wav" for n in range(24)],
            r"(?i)(?:take|session|visit|day|run)[ _-]?\d+",
        ),
        (
            [f"Session-{n // 4} {n % 4:03}.m4a" for n in range(24)],
            r"(?i)(?:take|session|visit|day|run)[ _-]?\d+",
        ),
        (
            [*(f"take{n // 4}_{n}.wav" for n in range(24)), "dog.ogg"],
            r"(?i)(?:take|session|visit|day|run)[ _-]?\d+",
        ),
        ([f"{'abc'[n // 8]}/{n}.wav" for n in range(24)], r"^.+(?=/)"),
        (
            [f"2026-03-0{1 + n // 6}_{n}.flac" for n in range(24)],
            r"(?<!\d)(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)",
        ),
        ([f"healthy_{1400 + n // 5 * 50}_{n % 5}.wav" for n in range(25)], BEFORE_NUMBER),
    ],
    ids=[
        "takes",
        "sessions",
        "takes and a stray",
        "folders",
        "days",
        "what comes before the number",
    ],
)
def test_plain_sessions_are_found(names, pattern):
    assert find_group_pattern(names) == pattern


@pytest.mark.parametrize(
    "names",
    [
        [f"normal_{n:08}.wav" for n in range(24)],
        [f"take{n}.wav" for n in range(24)],
        [f"take{n // 12}_{n}.wav" for n in range(24)],
        [
            *(f"take{n // 4}_{n % 4}.wav" for n in range(20)),
            *(f"{word}.wav" for word in ("one", "two", "three")),
        ],
        [f"2024-05-01 10-{15 + n // 4}-{10 + n % 4}.wav" for n in range(24)],
    ],
    ids=[
        "a running number",
        "a take each",
        "two takes",
        "several of no take",
        "minutes of one visit",
    ],
)
def test_names_without_three_plain_sessions_have_no_pattern(names):
    assert find_group_pattern(names) is None


@pytest.mark.django_db
def test_training_finds_the_sessions_says_so_and_stores_the_pattern(train):
    printed = train("train_mahalanobis", group_by=None)
    assert "6 recording sessions, by a word and number in the file name, e.g. take0," in printed
    assert only_version().parameters["group_by"] == r"(?i)(?:take|session|visit|day|run)[ _-]?\d+"
    assert "24 from 6 recording sessions" in printed


@pytest.mark.django_db
def test_training_without_sessions_uses_stretches_of_the_folder(train):
    printed = train("train_mahalanobis", group_by="")
    assert "No recording sessions were found in the file names" in printed
    assert "24 from 3 stretches of the folder" in printed
    assert "(few_takes)" in printed


@pytest.mark.parametrize(("n_groups", "is_enough"), [(19, False), (20, True)])
def test_fewer_sessions_than_the_rate_needs_are_reported(n_groups, is_enough):
    groups = [f"take{n % n_groups}" for n in range(40)]
    description = describe_groups(groups, r"take\d+", 0.05)
    assert description.startswith(f"{n_groups} recording sessions, by --group_by 'take\\d+', e.g. ")
    assert ("expect more than 5 % false alarms" in description) is not is_enough


def test_a_pattern_that_would_take_for_ever_is_named(monkeypatch):
    monkeypatch.setattr(group_patterns, "MAX_SECONDS", 0.2)
    pattern = compile_pattern(r"^(a|aa)+$")
    with pytest.raises(InvalidOption, match=r"takes longer than 0\.2 s"):
        find_group("a" * 60 + "!.wav", pattern)


def test_the_same_word_behind_different_names_is_another_session():
    names = [f"a_take{n % 3}_{n}.wav" for n in range(12)] + [f"b/take1_{n}.wav" for n in range(4)]
    groups = find_groups(names, find_group_pattern(names))
    assert sorted(set(groups)) == ["a_take0", "a_take1", "a_take2", "b/take1"]


def test_running_numbers_before_the_word_are_no_sessions_of_their_own():
    names = [f"{n:03}_take{n % 3}.wav" for n in range(12)]
    assert sorted(set(find_groups(names, find_group_pattern(names)))) == ["take0", "take1", "take2"]


def test_what_stands_before_the_word_stays_the_type_of_a_fault():
    names = [f"{fault}_take{n % 3}_{n}.wav" for fault in "ab" for n in range(6)]
    pattern = compile_pattern(find_group_pattern(names))
    assert infer_fault_types(names, pattern) == ["a"] * 6 + ["b"] * 6
