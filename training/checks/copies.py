"""Recordings that are there more than once, in the training folder or in it and a test folder."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.checks.findings import LEAKED, Finding
from training.checks.same_sound import find_same_sound
from training.datasets.datasets import Recording, shown

Content: TypeAlias = bytes
Alike: TypeAlias = Sequence[Recording]

IN_ONE_TAKE = "What is in it twice counts twice."
IN_SEVERAL_TAKES = (
    "They are not all known to be of one take, so training may judge a recording by its own copy: the thresholds come "
    "out too low and normal machines raise alarms. Keep one of each."
)


def check_copies(
    recordings: Sequence[Recording],
    tests: Mapping[str, Sequence[Recording]],
    *,
    on_step: Callable[[], None] = lambda: None,
) -> list[Finding]:
    """What is there twice, to the sample or as the same sound; tests: the recordings of each test folder, by name."""
    by_content = group_by_content(recordings)
    firsts = [alike[0] for alike in by_content.values()]
    of_tests = [(f"{folder}/{each.name}", each) for folder, clips in tests.items() for each in clips]
    leaked = [name for name, each in of_tests if content(each) in by_content]
    others = [(name, each) for name, each in of_tests if content(each) not in by_content]
    waveforms = [each.waveform for each in (*firsts, *(each for _, each in others))]
    pairs = find_same_sound(waveforms, n_first=len(firsts), on_step=on_step)
    within = [pair for pair in pairs if pair[1] < len(firsts)]
    heard = sorted({others[second - len(firsts)][0] for _, second in pairs if second >= len(firsts)})
    return [
        *tell_copies("copies", "Copies of one recording", [each for each in by_content.values() if len(each) > 1]),
        *tell_copies("same_sound", "The same sound in different files", alike_by_pairs(firsts, within)),
        *tell_tests(LEAKED, "Test recordings that are also in the training folder", leaked),
        *tell_tests("test_same_sound", "Test recordings that hold the same sound as one in the training folder", heard),
    ]


def content(recording: Recording) -> Content:
    """What tells one sound from another, whatever kind of file it came in."""
    return sha256(recording.waveform.tobytes()).digest()


def group_by_content(recordings: Iterable[Recording]) -> dict[Content, list[Recording]]:
    """The recordings that are the same to the sample."""
    by_content: dict[Content, list[Recording]] = {}
    for recording in recordings:
        by_content.setdefault(content(recording), []).append(recording)
    return by_content


def alike_by_pairs(recordings: Sequence[Recording], pairs: Sequence[tuple[int, int]]) -> list[Alike]:
    """Sets that pairs tie together, one with the next."""
    if not pairs:
        return []
    graph = coo_array((np.ones(len(pairs)), np.transpose(pairs)), shape=(len(recordings), len(recordings)))
    n_sets, set_of = connected_components(graph, directed=False)
    sets = [[recordings[int(i)] for i in np.flatnonzero(set_of == number)] for number in range(n_sets)]
    return [alike for alike in sets if len(alike) > 1]


def tell_copies(code: str, what: str, sets: Sequence[Alike]) -> list[Finding]:
    """One sentence on all sets, and what follows from where they lie."""
    if not sets:
        return []
    names = [shown([each.name for each in alike], between=" = ") for alike in sets]
    consequence = IN_ONE_TAKE if all(is_of_one_take(alike) for alike in sets) else IN_SEVERAL_TAKES
    all_names = tuple(each.name for alike in sets for each in alike)
    return [Finding(code, f"{what}: {shown(names, between='; ')}. {consequence}", all_names)]


def is_of_one_take(alike: Alike) -> bool:
    """Whether the names tell one take for all of them."""
    takes = {recording.group for recording in alike}
    return len(takes) == 1 and takes != {""}


def tell_tests(code: str, what: str, names: Sequence[str]) -> list[Finding]:
    """One sentence on recordings of test folders."""
    if not names:
        return []
    return [Finding(code, f"{what}: {shown(names)}. Results on them look better than they are.", tuple(names))]
