"""Calibration uses held-out scores as they would be served."""

import numpy as np

from analysis.detectors.calibration import LengthScale
from training.datasets.grouping import group_clips
from training.fitters.held_out import HeldOutScores, calibrate_held_out
from training.fitters.profiles import HeldOutPeaks


def test_short_clips_count_as_they_would_be_served():
    scores = np.linspace(1, 2, 30)
    lengths = np.where(np.arange(30) % 3, 1.0, 0.5)
    scale = LengthScale(0.5, 0.25)
    held_out = HeldOutScores(scores, np.zeros((30, 2)), lengths, HeldOutPeaks.allocate(30))
    calibration = calibrate_held_out(held_out, scale, group_clips([""] * 30, max_folds=12), 0.05)
    served = [
        0.5 * score + 0.25 if length == 0.5 else score
        for score, length in zip(scores, lengths, strict=True)
    ]
    np.testing.assert_allclose(calibration.scores, np.sort(served))
