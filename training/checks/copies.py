"""Recordings that are there more than once, in the training folder or in it and a test folder."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.checks.issues import TEST_COPIES, Issue
from training.checks.same_sound import find_same_sound
from training.datasets.datasets import TrainingClip, abbreviate

Digest: TypeAlias = bytes
Duplicates: TypeAlias = Sequence[TrainingClip]

WITHIN_ONE_GROUP = "What is in it twice counts twice."
ACROSS_GROUPS = (
    "They are not all known to be of one take, so training may judge a recording by its own copy: the thresholds come "
    "out too low and normal machines raise alarms. Keep one of each."
)


def check_copies(
    recordings: Sequence[TrainingClip],
    tests: Mapping[str, Sequence[TrainingClip]],
    *,
    on_step: Callable[[], None] = lambda: None,
) -> list[Issue]:
    """What is there twice, to the sample or as the same sound; tests: the recordings of each test folder, by name."""
    by_content = group_by_waveform(recordings)
    firsts = [alike[0] for alike in by_content.values()]
    of_tests = [
        (f"{folder}/{each.name}", each) for folder, clips in tests.items() for each in clips
    ]
    leaked = [name for name, each in of_tests if waveform_digest(each) in by_content]
    others = [(name, each) for name, each in of_tests if waveform_digest(each) not in by_content]
    waveforms = [each.waveform for each in (*firsts, *(each for _, each in others))]
    pairs = find_same_sound(waveforms, n_first=len(firsts), on_step=on_step)
    within = [pair for pair in pairs if pair[1] < len(firsts)]
    heard = sorted(
        {others[second - len(firsts)][0] for _, second in pairs if second >= len(firsts)}
    )
    return [
        *describe_copies(
            "copies",
            "Copies of one recording",
            [each for each in by_content.values() if len(each) > 1],
        ),
        *describe_copies(
            "same_sound", "The same sound in different files", merge_pairs(firsts, within)
        ),
        *describe_test_copies(
            TEST_COPIES, "Test recordings that are also in the training folder", leaked
        ),
        *describe_test_copies(
            "test_same_sound",
            "Test recordings that hold the same sound as one in the training folder",
            heard,
        ),
    ]


def waveform_digest(recording: TrainingClip) -> Digest:
    """What tells one sound from another, whatever kind of file it came in."""
    return sha256(recording.waveform.tobytes()).digest()


def group_by_waveform(recordings: Iterable[TrainingClip]) -> dict[Digest, list[TrainingClip]]:
    """The recordings that are the same to the sample."""
    by_content: dict[Digest, list[TrainingClip]] = {}
    for recording in recordings:
        by_content.setdefault(waveform_digest(recording), []).append(recording)
    return by_content


def merge_pairs(
    recordings: Sequence[TrainingClip], pairs: Sequence[tuple[int, int]]
) -> list[Duplicates]:
    """Sets that pairs tie together, one with the next."""
    if not pairs:
        return []
    graph = coo_array(
        (np.ones(len(pairs)), np.transpose(pairs)), shape=(len(recordings), len(recordings))
    )
    n_sets, set_of = connected_components(graph, directed=False)
    sets = [
        [recordings[int(i)] for i in np.flatnonzero(set_of == number)] for number in range(n_sets)
    ]
    return [alike for alike in sets if len(alike) > 1]


def describe_copies(code: str, what: str, sets: Sequence[Duplicates]) -> list[Issue]:
    """One sentence on all sets, and what follows from where they lie."""
    if not sets:
        return []
    names = [abbreviate([each.name for each in alike], between=" = ") for alike in sets]
    consequence = (
        WITHIN_ONE_GROUP if all(share_one_group(alike) for alike in sets) else ACROSS_GROUPS
    )
    all_names = tuple(each.name for alike in sets for each in alike)
    return [Issue(code, f"{what}: {abbreviate(names, between='; ')}. {consequence}", all_names)]


def share_one_group(alike: Duplicates) -> bool:
    """Whether the names tell one take for all of them."""
    takes = {recording.group for recording in alike}
    return len(takes) == 1 and takes != {""}


def describe_test_copies(code: str, what: str, names: Sequence[str]) -> list[Issue]:
    """One sentence on recordings of test folders."""
    if not names:
        return []
    return [
        Issue(
            code,
            f"{what}: {abbreviate(names)}. Results on them look better than they are.",
            tuple(names),
        )
    ]
