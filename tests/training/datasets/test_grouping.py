"""Folds and validation clips never cut a take in two, and every clip is held out once."""

import numpy as np
import pytest

from training.datasets.grouping import VALIDATION_SHARE, group_clips, select_validation_clips


def takes(*sizes):
    return [f"take{number}" for number, size in enumerate(sizes) for _ in range(size)]


@pytest.mark.parametrize("max_folds", [3, 5, 12])
@pytest.mark.parametrize(
    "sizes", [(4,) * 6, (40, 1, 1), (1,) * 30, (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)], ids=str
)
def test_a_take_is_held_out_whole_and_every_clip_once(sizes, max_folds):
    groups = takes(*sizes)
    grouping = group_clips(groups, max_folds=max_folds)
    assert grouping.n_folds == min(max_folds, len(sizes))
    assert grouping.n_groups == len(sizes)
    assert not grouping.has_few_groups
    held_out = np.concatenate([grouping.held_out_indices(fold) for fold in range(grouping.n_folds)])
    assert sorted(held_out) == list(range(len(groups)))
    for fold in range(grouping.n_folds):
        outside = grouping.held_out_indices(fold)
        inside = grouping.training_indices(fold)
        assert sorted([*inside, *outside]) == list(range(len(groups)))
        assert not {groups[i] for i in inside} & {groups[i] for i in outside}


def test_takes_are_spread_so_that_folds_are_about_as_large():
    grouping = group_clips(takes(10, 9, 8, 7, 6, 5, 4, 3, 2, 1), max_folds=5)
    assert list(np.bincount(grouping.folds)) == [11] * 5


def test_takes_may_be_recorded_in_any_order():
    groups = ["b", "a", "c", "a", "b", "c"]
    grouping = group_clips(groups, max_folds=3)
    assert len({(group, fold) for group, fold in zip(groups, grouping.folds, strict=True)}) == 3
    assert grouping.groups == tuple(groups)


@pytest.mark.parametrize(
    "groups",
    [[""] * 30, takes(30), [""] * 15 + takes(15)],
    ids=["no take told", "one take", "one take and clips of none"],
)
@pytest.mark.parametrize("max_folds", [5, 12])
def test_with_fewer_than_two_takes_folds_are_stretches_in_order_of_name(groups, max_folds):
    grouping = group_clips(groups, max_folds=max_folds)
    assert grouping.has_few_groups
    assert (grouping.n_folds, grouping.n_groups) == (3, 3), "each border may cut a take"
    sizes = []
    for fold in range(3):
        outside = grouping.held_out_indices(fold)
        assert (np.diff(outside) == 1).all(), "a stretch has no gap"
        sizes.append(len(outside))
    assert max(sizes) - min(sizes) <= 1


def test_clips_of_which_no_take_is_told_belong_together():
    groups = [*takes(5, 5, 5), "", "", ""]
    assert len(set(group_clips(groups, max_folds=12).folds[-3:])) == 1


@pytest.mark.parametrize("sizes", [(4,) * 6, (40, 1, 1), (1,) * 30, (2, 30)], ids=str)
def test_validation_takes_whole_takes_and_leaves_some_to_learn_from(sizes):
    groups = np.array(takes(*sizes))
    chosen = select_validation_clips(list(groups))
    assert not set(groups[chosen]) & set(groups[~chosen])
    assert 0 < chosen.sum() < len(groups)


def test_about_a_fifth_of_the_clips_validate():
    assert (
        VALIDATION_SHARE
        <= select_validation_clips(takes(*(2,) * 20)).mean()
        < VALIDATION_SHARE + 0.1
    )
    assert list(np.flatnonzero(select_validation_clips(["only"] * 10))) == [8, 9], (
        "of one take, its end"
    )


@pytest.mark.parametrize("max_folds", [5, 12])
def test_each_of_two_takes_is_a_fold(max_folds):
    grouping = group_clips(takes(20, 10), max_folds=max_folds)
    assert grouping.has_few_groups
    assert (grouping.n_folds, grouping.n_groups) == (2, 2)
    for fold in (0, 1):
        assert len({grouping.groups[i] for i in grouping.held_out_indices(fold)}) == 1
