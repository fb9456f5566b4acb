"""Areas of many resamples at once are those of each resample by itself."""

import numpy as np
import pytest

from training.evaluation.intervals import bootstrap, roc_areas
from training.evaluation.resampled_areas import (
    N_AT_ONCE,
    compute_resampled_areas,
    compute_shares,
    resample,
)


@pytest.mark.parametrize("decimals", [9, 1, 0])  # hardly a tie, some, and little else
@pytest.mark.parametrize(("n_normal", "n_abnormal"), [(16, 24), (40, 7), (1, 1), (5, 60)])
def test_areas_and_rates_are_those_of_each_resample(n_normal, n_abnormal, decimals):
    rng = np.random.default_rng(n_normal)
    normal = rng.normal(size=n_normal).round(decimals)
    abnormal = rng.normal(1, size=n_abnormal).round(decimals)
    groups = (
        [f"take{i // 3}" for i in range(n_normal)],
        [f"take{i // 4}" for i in range(n_abnormal)],
    )

    def compute(here, there):
        rate = float((normal[here] >= 0.5).mean())
        return (*roc_areas(normal[here], abnormal[there]), rate)

    one_by_one = bootstrap(compute, *groups)
    resamples = resample(*groups)
    at_once = [
        *compute_resampled_areas(normal, abnormal, resamples),
        compute_shares(normal >= 0.5, resamples.normal),
    ]
    assert len(one_by_one) > N_AT_ONCE
    np.testing.assert_allclose(np.transpose(at_once), one_by_one, rtol=0, atol=1e-12)


def test_parts_that_are_apart_have_an_area_of_one():
    resamples = resample([""] * 15, [""] * 40)
    aucs, paucs = compute_resampled_areas(np.zeros(15), np.ones(40), resamples)
    assert set(aucs) == {1.0}
    np.testing.assert_allclose(paucs, 1, rtol=0, atol=1e-12)
