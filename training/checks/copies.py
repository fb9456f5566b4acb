"""Finds recordings that are there twice: in the training folder, or in it and a test folder."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from training.checks.issues import TEST_COPIES, Issue
from training.checks.same_sound import find_same_sound
from training.datasets.datasets import TrainingClip
from training.datasets.listing import abbreviate

Digest: TypeAlias = bytes
Duplicates: TypeAlias = Sequence[TrainingClip]
NamedClip: TypeAlias = tuple[str, TrainingClip]  # the name with that of its test folder

WITHIN_ONE_GROUP = "Each copy counts once more than it should."
ACROSS_GROUPS = (
    "They are not all known to be of one recording session, so training may judge a recording by "
    "its own copy: the thresholds come out too low and healthy machines raise alarms. Keep one of "
    "each."
)


def check_copies(
    clips: Sequence[TrainingClip],
    tests: Mapping[str, Sequence[TrainingClip]],
    *,
    on_step: Callable[[], None] = lambda: None,
) -> list[Issue]:
    """Find copies to the sample and files of the same sound; tests: clips by test folder."""
    by_waveform = group_by_waveform(clips)
    distinct = [duplicates[0] for duplicates in by_waveform.values()]
    test_clips = [(f"{folder}/{clip.name}", clip) for folder in tests for clip in tests[folder]]
    test_copies = [name for name, clip in test_clips if waveform_digest(clip) in by_waveform]
    others = [named for named in test_clips if waveform_digest(named[1]) not in by_waveform]

    same, same_in_tests = find_same_sounds(distinct, others, on_step=on_step)
    identical = [duplicates for duplicates in by_waveform.values() if len(duplicates) > 1]
    return [
        *describe_copies("copies", "Copies of one recording", identical),
        *describe_copies("same_sound", "The same sound in different files", same),
        *describe_test_copies(
            TEST_COPIES, "Test recordings that are also in the training folder", test_copies
        ),
        *describe_test_copies(
            "test_same_sound",
            "Test recordings with the same sound as one in the training folder",
            same_in_tests,
        ),
    ]


def find_same_sounds(
    distinct: Sequence[TrainingClip],
    test_clips: Sequence[NamedClip],
    *,
    on_step: Callable[[], None],
) -> tuple[list[Duplicates], list[str]]:
    """Return the sets of training clips with one sound, and the test clips that share one."""
    waveforms = [clip.waveform for clip in distinct]
    waveforms += [clip.waveform for _name, clip in test_clips]
    n_training = len(distinct)
    pairs = find_same_sound(waveforms, n_first=n_training, on_step=on_step)

    within = [pair for pair in pairs if pair[1] < n_training]
    shared = {test_clips[second - n_training][0] for _, second in pairs if second >= n_training}
    return merge_pairs(distinct, within), sorted(shared)


def waveform_digest(clip: TrainingClip) -> Digest:
    """Hash the samples, which are the same in every lossless format."""
    return sha256(clip.waveform.tobytes()).digest()


def group_by_waveform(clips: Iterable[TrainingClip]) -> dict[Digest, list[TrainingClip]]:
    """Group clips that are the same to the sample."""
    groups: dict[Digest, list[TrainingClip]] = {}
    for clip in clips:
        groups.setdefault(waveform_digest(clip), []).append(clip)
    return groups


def merge_pairs(
    clips: Sequence[TrainingClip], pairs: Sequence[tuple[int, int]]
) -> list[Duplicates]:
    """Merge pairs that have a clip in common into sets."""
    if not pairs:
        return []

    shape = (len(clips), len(clips))
    graph = coo_array((np.ones(len(pairs)), np.transpose(pairs)), shape=shape)
    n_sets, set_of = connected_components(graph, directed=False)
    sets = [[clips[int(i)] for i in np.flatnonzero(set_of == number)] for number in range(n_sets)]
    return [duplicates for duplicates in sets if len(duplicates) > 1]


def describe_copies(code: str, what: str, sets: Sequence[Duplicates]) -> list[Issue]:
    """Describe all sets in one sentence, and what follows from where they lie."""
    if not sets:
        return []

    equations = [abbreviate([clip.name for clip in each], between=" = ") for each in sets]
    consequence = WITHIN_ONE_GROUP if all(map(share_one_group, sets)) else ACROSS_GROUPS
    names = tuple(clip.name for duplicates in sets for clip in duplicates)
    return [Issue(code, f"{what}: {abbreviate(equations, between='; ')}. {consequence}", names)]


def share_one_group(duplicates: Duplicates) -> bool:
    """Whether all are known to be of one recording session."""
    groups = {clip.group for clip in duplicates}
    return len(groups) == 1 and groups != {""}


def describe_test_copies(code: str, what: str, names: Sequence[str]) -> list[Issue]:
    """Describe copies in test folders in one sentence."""
    if not names:
        return []
    detail = f"{what}: {abbreviate(names)}. Results on them look better than they are."
    return [Issue(code, detail, tuple(names))]
