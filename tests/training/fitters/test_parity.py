"""Nothing is published whose serving form does not score as what the library fitted."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.detectors.autoencoder import AutoencoderDetector
from analysis.detectors.forest import IsolationForestDetector
from analysis.detectors.mahalanobis import MahalanobisDetector
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    fitter,
    get_artifact,
    grouping,
    train,
    training_clips,
)
from training.errors import ParityFailed
from training.fitters.parity import MAX_CLIPS, check_parity


@pytest.fixture(params=DETECTOR_TYPES)
def detector_type(request):
    return request.param


def tampered(detector):
    """A little off, as a slip in folding or flattening would have it."""
    if isinstance(detector, IsolationForestDetector):
        return replace(detector, expected_path_length=detector.expected_path_length * 1.001)
    if isinstance(detector, MahalanobisDetector):
        louder = {
            kind: precision * np.float32(1.01) for kind, precision in detector.precisions.items()
        }
        return replace(detector, precisions=louder)
    assert isinstance(detector, AutoencoderDetector)
    return replace(detector, biases=(*detector.biases[:-1], detector.biases[-1] + np.float32(0.01)))


def check(detector_type, artifact, clips):
    fitting = fitter(detector_type)
    fitting.prepare(training_clips(detector_type), grouping())
    fit = fitting.fit(training_clips(detector_type), phase="final")
    return check_parity(artifact, fitting, fit, clips)


def test_the_two_forms_agree(detector_type):
    parity = check(detector_type, get_artifact(detector_type), training_clips(detector_type))
    assert (parity.clips, parity.verdict_flips) == (len(training_clips(detector_type)), 0)
    assert parity.max_relative_difference < 1e-5
    assert parity == train(detector_type).parity


def test_a_serving_form_that_was_tampered_with_is_not_published(detector_type):
    artifact = get_artifact(detector_type)
    with pytest.raises(ParityFailed, match="nothing was published"):
        check(
            detector_type,
            replace(artifact, detector=tampered(artifact.detector)),
            training_clips(detector_type),
        )


def test_a_verdict_that_flips_is_enough(detector_type):
    artifact = get_artifact(detector_type)
    clip = training_clips(detector_type)[0]
    served = artifact.detector.score_unshifted(clip.windows[0].features)

    class Otherwise:
        """The same but for rounding: on the other side of a threshold."""

        def reference_scores(self, exchange, clips):
            return np.array([np.nextafter(served, np.inf)])

    # WARNING begins just above the twentieth of thirty scores, below the tail.
    scores = np.concatenate(
        [np.linspace(served - 1, served, 20), np.linspace(served + 1, served + 2, 10)]
    )
    calibration = replace(
        artifact.calibration, scores=scores, sessions=None, target_false_alarm_rate=11 / 31
    )
    with pytest.raises(ParityFailed, match="1 verdicts change"):
        check_parity(
            replace(artifact, calibration=calibration),
            Otherwise(),
            train(detector_type).fit,
            [clip],
        )


def test_clips_of_a_large_folder_are_chosen_all_over_it(detector_type):
    many = training_clips(detector_type) * 5
    assert check(detector_type, get_artifact(detector_type), many).clips == MAX_CLIPS
