"""Takes that names tell are found without being asked for, and only where they are plain."""

import pytest

from tests.support.training_by_command import only_version
from training.datasets.group_patterns import describe_groups, find_group_pattern

BEFORE_A_NUMBER = r"^.*\D(?<!\d\d[-_.:]\d\d[-_.:])(?=\d+\.\w+$)"


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
        ([f"healthy_{1400 + n // 5 * 50}_{n % 5}.wav" for n in range(25)], BEFORE_A_NUMBER),
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
def test_plain_takes_are_found(names, pattern):
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
def test_what_does_not_tell_three_takes_of_all_is_not_taken_for_them(names):
    assert find_group_pattern(names) is None


@pytest.mark.django_db
def test_training_finds_the_takes_says_so_and_keeps_the_pattern(train):
    printed = train("train_mahalanobis", group_by=None)
    assert (
        r"6 takes by --group_by '(?i)(?:take|session|visit|day|run)[ _-]?\d+': take0, take1, take2 and 3"
        in printed
    )
    assert only_version().parameters["group_by"] == r"(?i)(?:take|session|visit|day|run)[ _-]?\d+"
    assert "24 in 6 groups" in printed


@pytest.mark.django_db
def test_takes_can_be_left_untold(train):
    printed = train("train_mahalanobis", group_by="")
    assert "No takes are told by the names." in printed
    assert "24 in 3 groups (few_takes" in printed


@pytest.mark.parametrize(("n_takes", "is_enough"), [(19, False), (20, True)])
def test_fewer_takes_than_the_rate_needs_are_told(n_takes, is_enough):
    told = describe_groups([f"take{n % n_takes}" for n in range(40)], r"take\d+", 0.05)
    assert told.startswith(f"{n_takes} takes by --group_by")
    assert ("In a take never heard, expect more alarms" in told) is not is_enough
