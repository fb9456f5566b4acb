"""The contract that every detector keeps, and its agreement with the library that fitted it."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields

import joblib
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from analysis import detectors
from analysis.detectors.artifact import (
    DETECTORS,
    GOLDEN_FRAMES,
    SHORTER_THAN_TRAINING,
    select_golden_features,
)
from analysis.detectors.autoencoder import (
    CONTEXT_FRAMES,
    MIDDLE,
    AutoencoderDetector,
    build_network_pairs,
)
from analysis.detectors.forest import IsolationForestDetector
from tests.support.trained_detectors import (
    AUTOENCODER,
    CLIPS_PER_SESSION,
    DETECTOR_TYPES,
    FOREST,
    MAHALANOBIS,
    PARAMETERS,
    SECONDS,
    extract_clip,
    faulty,
    fitter,
    get_artifact,
    healthy,
    recordings,
    train,
    training_clips,
)
from training.datasets.grouping import group_clips
from training.fitters.clips import get_features
from training.trainers import FITTERS


@pytest.fixture(params=DETECTOR_TYPES)
def detector_type(request):
    return request.param


@pytest.fixture
def detector(detector_type):
    return get_artifact(detector_type).detector


def plain_scores_of(detector, clips):
    """Score clips as the library that fitted the detector does: without domain shifts."""
    return np.array(
        [
            np.median([detector.score_unshifted(each) for each in get_features(clip.windows)])
            for clip in clips
        ]
    )


def test_every_detector_can_be_fitted_and_is_tested_here():
    assert DETECTORS.keys() == FITTERS.keys() == PARAMETERS.keys()
    assert all(
        detector_type == detector_class.type for detector_type, detector_class in DETECTORS.items()
    )
    assert all(fitter(detector_type).detector_type == detector_type for detector_type in DETECTORS)


# Scores


def test_every_faulty_recording_scores_above_every_healthy_one(detector_type):
    scores = [
        get_artifact(detector_type).compute_anomaly_score(waveform)
        for waveform in (*healthy(), *faulty())
    ]
    assert roc_auc_score([0] * len(healthy()) + [1] * len(faulty()), scores) == 1.0


def test_most_verdicts_are_right(detector_type):
    artifact = get_artifact(detector_type)
    wrong = sum(
        artifact.calibration.label(artifact.compute_anomaly_score(waveform)) != "NORMAL"
        for waveform in healthy()
    )
    right = sum(
        artifact.calibration.label(artifact.compute_anomaly_score(waveform)) != "NORMAL"
        for waveform in faulty()
    )
    assert wrong <= 0.2 * len(healthy())
    assert right >= 0.9 * len(faulty())


@pytest.mark.parametrize("gain", [0.1, 3])
def test_the_level_of_a_recording_does_not_move_its_score(detector_type, gain):
    artifact = get_artifact(detector_type)
    waveform = healthy()[0]
    assert artifact.compute_anomaly_score(np.float32(gain) * waveform) == pytest.approx(
        artifact.compute_anomaly_score(waveform), rel=1e-3
    )


def fit_few(detector_type, *, seed=0, **parameters):
    """Return a fit on four recording sessions, its fitter and the clips."""
    clips = training_clips(detector_type)[: 4 * CLIPS_PER_SESSION]
    fitting = fitter(detector_type, seed=seed, **parameters)
    fitting.prepare(
        clips, group_clips([str(i // CLIPS_PER_SESSION) for i in range(len(clips))], max_folds=2)
    )
    return fitting.fit(clips, phase="final"), fitting, clips


def test_scores_depend_on_the_seed_alone(
    detector_type,
):
    once, again, otherwise = (fit_few(detector_type, seed=seed)[0].scores for seed in (1, 1, 2))
    assert (once == again).all()
    assert (once != otherwise).any() == (detector_type != MAHALANOBIS)


def test_a_long_recording_is_scored_in_windows_as_long_as_the_training_clips(detector_type):
    artifact = get_artifact(detector_type)
    (waveform,) = recordings(0, n_clips=1, seconds=3.5 * SECONDS)
    descriptions = get_features(extract_clip(waveform, detector_type).windows)
    assert len(descriptions) > 1
    scores = [artifact.detector.compute_anomaly_score(each) for each in descriptions]
    allowance = artifact.compute_allowance(len(scores))
    assert artifact.compute_anomaly_score(waveform) == max(
        np.median(scores), max(scores) - allowance
    )
    assert artifact.predict(waveform).anomaly_score == artifact.compute_anomaly_score(waveform)
    assert artifact.calibration.label(artifact.compute_anomaly_score(waveform)) == "NORMAL"


@pytest.mark.parametrize(
    ("seconds", "is_short"), [(1.0, True), (0.6 * SECONDS, False), (9.0, False)]
)
def test_a_recording_much_shorter_than_the_training_clips_has_a_warning(
    detector_type, seconds, is_short
):
    (waveform,) = recordings(0, n_clips=1, seconds=seconds)
    assert (
        SHORTER_THAN_TRAINING in get_artifact(detector_type).predict(waveform).warnings
    ) == is_short


# Anomaly map


def test_an_anomaly_map_has_a_value_for_each_moment_and_band_and_none_is_negative(
    detector_type, detector
):
    for waveform in (healthy()[0], faulty()[0], *recordings(0, n_clips=1, seconds=1.0)):
        front_end = get_artifact(detector_type).front_end
        frames = front_end.extract_frames(waveform)
        anomaly_map = detector.compute_anomaly_map(frames)
        assert anomaly_map.shape == frames.shape
        assert (anomaly_map >= 0).all()
        assert np.isfinite(anomaly_map).all()


def test_the_anomaly_map_of_a_fault_is_higher_than_of_healthy_sound(detector_type, detector):
    front_end = get_artifact(detector_type).front_end
    excess = [
        detector.compute_anomaly_map(front_end.extract_frames(waveform)).mean()
        for waveform in (*healthy(), *faulty())
    ]
    assert np.mean(excess[len(healthy()) :]) > 1.2 * np.mean(excess[: len(healthy())])


# The value


def test_written_and_read_back_it_scores_the_same_to_the_last_bit(detector_type):
    artifact = get_artifact(detector_type)
    again = detectors.read(detectors.write(artifact))
    for waveform in (*healthy()[:3], *faulty()[:3]):
        assert again.compute_anomaly_score(waveform) == artifact.compute_anomaly_score(waveform)
        assert (
            again.predict(waveform).explanation.curve
            == artifact.predict(waveform).explanation.curve
        ).all()
    assert detectors.write(again) == detectors.write(artifact)


def test_its_arrays_make_an_equal_detector(detector, detector_type):
    again = DETECTORS[detector_type].from_arrays(
        detector.to_arrays(), get_artifact(detector_type).front_end.spec
    )
    description = extract_clip(healthy()[0], detector_type).windows[0].features
    assert again.compute_anomaly_score(description) == detector.compute_anomaly_score(description)


def test_nbytes_counts_every_array(detector, detector_type):
    artifact = get_artifact(detector_type)
    assert detector.nbytes == sum(array.nbytes for array in detector.to_arrays().values())
    n_stored = sum(
        array.nbytes for name, array in stored_arrays(detector_type).items() if name != "header"
    )
    assert artifact.nbytes == n_stored


def stored_arrays(detector_type):
    with np.load(io.BytesIO(train(detector_type).serving_form)) as archive:
        return dict(archive)


def test_threads_may_share_it(detector_type):
    artifact = get_artifact(detector_type)
    waveforms = [*healthy(), *faulty()]
    alone = [artifact.compute_anomaly_score(waveform) for waveform in waveforms]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda waveform: artifact.predict(waveform).anomaly_score, waveforms)
        )
    assert together == alone


def test_no_attribute_can_be_assigned(detector, detector_type):
    artifact = get_artifact(detector_type)
    for value in (
        artifact,
        detector,
        artifact.front_end,
        artifact.front_end.spec,
        artifact.calibration,
        artifact.profile,
    ):
        for field in fields(value):
            with pytest.raises(FrozenInstanceError):
                setattr(value, field.name, None)


def test_a_prediction_does_not_change_the_detector(detector, detector_type):
    before = {name: array.copy() for name, array in detector.to_arrays().items()}
    get_artifact(detector_type).predict(faulty()[0])
    assert all((before[name] == array).all() for name, array in detector.to_arrays().items())


# The libraries that fit


def test_it_scores_as_the_library_that_fitted_it(detector_type):
    fit, fitting, _clips = fit_few(detector_type)
    clips = [extract_clip(waveform, detector_type) for waveform in (*healthy(), *faulty())]
    (long,) = recordings(0, n_clips=1, seconds=3.5 * SECONDS)
    clips.append(extract_clip(long, detector_type))
    reference = fitting.reference_scores(fit.exchange, clips)
    np.testing.assert_allclose(plain_scores_of(fit.detector, clips), reference, rtol=1e-4)


def test_a_fit_reports_how_it_scores_the_clips_it_learnt_from(detector_type):
    fit = train(detector_type).fit
    np.testing.assert_allclose(
        fit.scores, plain_scores_of(fit.detector, training_clips(detector_type)), rtol=1e-4
    )


def test_path_lengths_are_scikit_learns():
    detector = get_artifact(FOREST).detector
    exchange = train(FOREST).fit.exchange
    assert isinstance(detector, IsolationForestDetector)
    forest, scaler = (joblib.load(io.BytesIO(exchange[role])) for role in ("exchange", "scaler"))
    # From the middle of the normal clips to far outside, so that all depths are reached.
    rng = np.random.default_rng(0)
    features = (
        detector.mean
        + detector.scale
        * rng.normal(size=(200, len(detector.mean)))
        * np.linspace(0, 4, 200)[:, np.newaxis]
    )
    mean_path_lengths = detector.compute_path_lengths(detector.standardise(features)).mean(axis=1)
    expected = (
        -np.log2(-forest.score_samples(scaler.transform(features))) * detector.expected_path_length
    )
    assert np.ptp(expected) > 1
    np.testing.assert_allclose(mean_path_lengths, expected, rtol=1e-9)


def test_an_autoencoder_can_learn_to_interpolate():
    fit, fitting, clips = fit_few(AUTOENCODER, objective="interpolation")
    detector = fit.detector
    n_mels = fitting.front_end.spec.n_mels
    assert isinstance(detector, AutoencoderDetector)
    assert detector.interpolates
    assert detector.weights[0].shape[0] == (CONTEXT_FRAMES - 1) * n_mels
    assert detector.weights[-1].shape[1] == n_mels
    np.testing.assert_allclose(
        plain_scores_of(detector, clips), fitting.reference_scores(fit.exchange, clips), rtol=1e-4
    )
    frames = clips[0].windows[0].frames
    assert detector.compute_anomaly_map(frames).shape == frames.shape
    again = AutoencoderDetector.from_arrays(detector.to_arrays(), detector.spec)
    assert again.compute_anomaly_score(frames) == detector.compute_anomaly_score(frames)


def test_interpolating_a_network_does_not_see_the_frame_that_it_predicts():
    frames = training_clips(AUTOENCODER)[0].windows[0].frames[:CONTEXT_FRAMES]
    changed = frames.copy()
    changed[MIDDLE] += 10
    (inputs, targets) = build_network_pairs(frames, True)
    (other_inputs, other_targets) = build_network_pairs(changed, True)
    assert (inputs == other_inputs).all()
    assert (targets + 10 == other_targets).all()


def test_golden_features_are_the_first_frames_or_all_features():
    frames = np.zeros((300, 128), np.float32)
    features = np.zeros(900, np.float32)
    assert (select_golden_features(frames).shape, select_golden_features(features).shape) == (
        (GOLDEN_FRAMES, 128),
        (900,),
    )
