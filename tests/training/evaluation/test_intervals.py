"""ROC areas are those of scikit-learn, and the bootstrap resamples sessions."""

import numpy as np
import pytest
from scipy.special import betaincinv
from sklearn.metrics import roc_auc_score

from training.evaluation.intervals import (
    MAX_FALSE_POSITIVE_RATE,
    MIN_GROUPS,
    N_RESAMPLES,
    Estimate,
    bootstrap,
    bootstrap_indices,
    estimate_rate,
    exact_interval,
    roc_areas,
)

SIZES = [(15, 40), (24, 2), (60, 82), (7, 9), (10, 10), (1, 1)]


@pytest.mark.parametrize(("n_normal", "n_abnormal"), SIZES)
@pytest.mark.parametrize("decimals", [9, 0])  # hardly a tie, and little else
def test_areas_are_those_of_scikit_learn(n_normal, n_abnormal, decimals):
    rng = np.random.default_rng(n_normal)
    normal, abnormal = (
        rng.normal(mean, size=n).round(decimals) for mean, n in ((0, n_normal), (1, n_abnormal))
    )
    truth = np.repeat([0, 1], [n_normal, n_abnormal])
    scores = np.concatenate([normal, abnormal])
    limited = roc_auc_score(truth, scores, max_fpr=MAX_FALSE_POSITIVE_RATE)
    assert roc_areas(normal, abnormal) == (
        pytest.approx(roc_auc_score(truth, scores)),
        pytest.approx(limited),
    )


def test_sessions_are_resampled_whole_and_clips_where_sessions_are_few():
    rng = np.random.default_rng(0)
    by_group = bootstrap_indices(["a", "a", "b", "b", "b", "c"], rng)
    assert len(by_group) == 1 + N_RESAMPLES
    assert by_group[0].tolist() == [0, 1, 2, 3, 4, 5]
    assert all(np.sum(again == 0) == np.sum(again == 1) for again in by_group)
    by_clip = bootstrap_indices(["a"] * (MIN_GROUPS + 1), rng)
    assert any(np.sum(again == 0) != np.sum(again == 1) for again in by_clip)


def test_normal_and_abnormal_sessions_are_resampled_apart():
    sampled = []
    groups = list("abcdef")
    bootstrap(lambda normal, abnormal: sampled.append((normal, abnormal)) or [0.0], groups, groups)
    assert np.array_equal(*sampled[0])
    assert np.mean([np.array_equal(normal, abnormal) for normal, abnormal in sampled]) < 0.01


def test_an_interval_over_few_sessions_is_wide():
    scores = np.repeat([0.0, 1.0], 20)
    groups = [f"take{i // 10}" for i in range(40)]
    by_group, by_clip = (
        Estimate.from_resamples(
            bootstrap(lambda normal, _: [scores[normal].mean()], of_clip, ["x"])[:, 0]
        )
        for of_clip in (groups, [""] * 40)
    )
    assert by_group.value == by_clip.value == 0.5
    assert by_group.high - by_group.low > 2 * (by_clip.high - by_clip.low)


def test_the_same_clips_have_the_same_interval():
    rng = np.random.default_rng(0)
    normal = rng.normal(size=20)
    abnormal = rng.normal(1, size=20)

    def areas(here, there):
        return roc_areas(normal[here], abnormal[there])

    first, second = (bootstrap(areas, [""] * 20, [""] * 20) for _ in range(2))
    assert np.array_equal(first, second)


def test_streams_resample_apart():
    def sampled(stream):
        indices = []
        bootstrap(
            lambda normal, _: indices.append(normal) or [0.0], [""] * 20, ["x"], stream=stream
        )
        return indices

    pump = sampled("pump")
    fan = sampled("fan")
    assert np.array_equal(pump[0], fan[0])
    assert not any(np.array_equal(*pair) for pair in zip(pump[1:], fan[1:], strict=True))


@pytest.mark.parametrize(
    ("rate", "interval"),
    [(0.0, (0, 0.17647)), (1.0, (0.82353, 1)), (0.5, (0.24651, 0.75349))],
    ids=str,
)
def test_a_rate_on_which_all_resamples_agree_has_the_exact_interval(rate, interval):
    # Clopper-Pearson by hand: 1 - 0.025 ** (1 / 19) = 0.17647; for 8 of 16 from the tables.
    n = 16 if rate == 0.5 else 19
    estimate = estimate_rate(np.full(1 + N_RESAMPLES, rate), n, n)
    assert estimate == pytest.approx((rate, *interval), abs=1e-5)


def test_a_rate_of_few_clips_has_no_interval():
    assert estimate_rate(np.zeros(1 + N_RESAMPLES), 9, 9) == (0, None, None)


@pytest.mark.parametrize("n", [10, 57, 300])
@pytest.mark.parametrize("share", [0, 0.01, 1 / 3, 0.99, 1])
def test_the_exact_interval_is_that_of_clopper_and_pearson(n, share):
    k = round(share * n)
    low = betaincinv(k, n - k + 1, 0.025) if k > 0 else 0.0
    high = betaincinv(k + 1, n - k, 0.975) if k < n else 1.0
    assert exact_interval(k, n) == pytest.approx((low, high))
