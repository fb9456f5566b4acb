"""An anomaly planted in a healthy recording is found in time and in frequency, and nothing else."""

import numpy as np
import pytest

from analysis.detectors.artifact import TRANSIENT
from analysis.sound.explanation import MAX_BANDS, MAX_SEGMENTS, Profile, align, smooth_curve
from analysis.sound.features import FeatureSpec, FrontEnd
from tests.support.trained_detectors import (
    DETECTOR_TYPES,
    OTHER_SESSIONS,
    faulty,
    get_artifact,
    healthy,
    recordings,
)

RATE_HZ = 16_000
TONE_HZ = 1800.0
HISS_HZ = 3500.0
STEP_S = 0.032
KNOCK_AT = 1.2
BURST_FROM = 0.8
BURST_TO = 0.9


@pytest.fixture(params=DETECTOR_TYPES)
def artifact(request):
    return get_artifact(request.param)


@pytest.fixture(params=OTHER_SESSIONS, ids=lambda session: f"session {session}")
def waveform(request):
    return recordings(request.param, n_clips=1)[0]


def level(waveform, db):
    """Return the amplitude this many decibels above the RMS of the machine."""
    return float(np.sqrt(np.mean(waveform**2)) * 10 ** (db / 20))


def with_tone(waveform, *, db=-10.0):
    t = np.arange(len(waveform)) / RATE_HZ
    return (waveform + np.sqrt(2) * level(waveform, db) * np.sin(2 * np.pi * TONE_HZ * t)).astype(
        np.float32
    )


def with_knock(waveform, *, db=20.0):
    planted = waveform.copy()
    start = round(KNOCK_AT * RATE_HZ)
    t = np.arange(RATE_HZ // 10) / RATE_HZ
    planted[start : start + len(t)] += (
        level(waveform, db) * np.exp(-60 * t) * np.sin(2 * np.pi * 900 * t)
    )
    return planted


def with_hiss(waveform, *, db=0.0, from_s=0.0):
    """Add a leak: noise above 3.5 kHz at a level relative to the machine's."""
    planted = waveform.copy()
    start = round(from_s * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(len(waveform)))
    spectrum[np.fft.rfftfreq(len(waveform), 1 / RATE_HZ) < HISS_HZ] = 0
    hiss = np.fft.irfft(spectrum, len(waveform))
    planted[start:] += level(waveform, db) * (hiss / hiss.std())[start:]
    return planted.astype(np.float32)


def with_swells(waveform, *, from_s=0.0):
    """Modulate the amplitude of the sound deeply, three times a second."""
    t = np.arange(len(waveform)) / RATE_HZ
    swell = np.where(t >= from_s, 1 + 0.9 * np.sin(2 * np.pi * 3 * (t - from_s)), 1)
    return (waveform * swell).astype(np.float32)


def with_burst(waveform, *, db=10.0):
    planted = waveform.copy()
    burst = slice(round(BURST_FROM * RATE_HZ), round(BURST_TO * RATE_HZ))
    planted[burst] += level(waveform, db) * np.random.default_rng(0).standard_normal(
        burst.stop - burst.start
    )
    return planted


# Time


def time_of_peak(explanation):
    return explanation.start_s + explanation.step_s * int(np.argmax(explanation.curve))


@pytest.mark.parametrize("gain_db", [0, 20])
@pytest.mark.parametrize(("plant", "at"), [(with_knock, KNOCK_AT), (with_burst, BURST_FROM)])
@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_a_brief_anomaly_is_found_in_time_and_marked_transient(
    artifact, session, plant, at, gain_db
):
    (waveform,) = recordings(session, n_clips=1, seconds=2.9)
    prediction = artifact.predict(plant(waveform, db=20.0 + gain_db))
    peak_s = time_of_peak(prediction.explanation)
    (segment,) = (
        one for one in prediction.explanation.segments if one.start_s <= peak_s <= one.end_s
    )
    assert at - 0.2 < segment.start_s <= at + 0.03
    assert at < segment.end_s < at + 0.4
    assert prediction.explanation.is_transient or is_already_abnormal(artifact, waveform)
    assert (TRANSIENT in prediction.warnings) == prediction.explanation.is_transient


def is_already_abnormal(artifact, waveform):
    """Whether it alarms as it is; which recordings do depends on the processor that trained."""
    prediction = artifact.predict(waveform)
    is_alarm = artifact.calibration.label(prediction.anomaly_score) != "NORMAL"
    return is_alarm or bool(prediction.explanation.segments)


@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_a_leak_is_found_from_when_it_begins(artifact, session):
    (waveform,) = recordings(session, n_clips=1, seconds=2.9)
    segments = artifact.predict(with_hiss(waveform, db=10.0, from_s=1.5)).explanation.segments
    assert (
        sum(min(one.end_s, 2.9) - max(one.start_s, 1.5) for one in segments if one.end_s > 1.6)
        > 0.8
    )
    assert sum(one.end_s - one.start_s for one in segments if one.end_s <= 1.4) < 0.2


@pytest.mark.parametrize("session", OTHER_SESSIONS)
def test_swells_show_in_time(artifact, session):
    (waveform,) = recordings(session, n_clips=1, seconds=2.9)
    explanation = artifact.predict(with_swells(waveform)).explanation
    swell = np.sin(
        2
        * np.pi
        * 3
        * (explanation.start_s + explanation.step_s * np.arange(len(explanation.curve)))
    )
    # To an autoencoder the quiet moments are the abnormal ones.
    loud, quiet = (float(explanation.curve[where].mean()) for where in (swell > 0.5, swell < -0.5))
    assert max(loud, quiet) > 2 * min(loud, quiet)


def test_level_3_hears_that_swells_are_no_even_run(waveform):
    prediction = get_artifact("level3_mahalanobis").predict(with_swells(waveform))
    # A beat, or how uneven the run is: the same to a mechanic, and no band or tone.
    assert {name for name, _ in prediction.contributions[:2]} <= {
        "modulation",
        "spread",
        "sway",
        "drift",
    }


def test_a_lasting_fault_is_not_transient(artifact):
    transient = sum(artifact.predict(waveform).explanation.is_transient for waveform in faulty())
    assert transient <= 0.1 * len(faulty())


def test_segments_lie_in_the_recording_and_apart_from_each_other(artifact):
    for waveform in (*healthy(), *faulty(), with_knock(healthy()[0])):
        segments = artifact.predict(waveform).explanation.segments
        times = [time for segment in segments for time in (segment.start_s, segment.end_s)]
        assert times == sorted(set(times))
        assert all(0 <= time <= len(waveform) / RATE_HZ for time in times)
        assert len(segments) <= MAX_SEGMENTS


# Frequency


@pytest.mark.parametrize("db", [-10, -20])
def test_a_tone_is_found_in_frequency(artifact, waveform, db):
    strongest, *_ = artifact.predict(with_tone(waveform, db=db)).explanation.bands
    assert strongest.low_hz < TONE_HZ < strongest.high_hz
    assert strongest.high_hz - strongest.low_hz < 250
    assert strongest.excess_db > 3


@pytest.mark.parametrize("db", [-10, 0])
def test_a_leak_is_found_in_frequency(artifact, waveform, db):
    bands = artifact.predict(with_hiss(waveform, db=db)).explanation.bands
    # A leak as loud as the machine makes all other bands weaker: it is the strongest excess.
    strongest = max(bands, key=lambda band: band.excess_db)
    assert (strongest.low_hz > HISS_HZ, strongest.excess_db > 4) == (True, True)
    assert bands.index(strongest) < 2


def test_what_is_missing_has_a_negative_excess(artifact, waveform):
    spectrum = np.fft.rfft(waveform)
    frequency_hz = np.fft.rfftfreq(len(waveform), 1 / RATE_HZ)
    spectrum[(frequency_hz > 3000) & (frequency_hz < 3400)] *= 0.1
    bands = artifact.predict(np.fft.irfft(spectrum).astype(np.float32)).explanation.bands
    notch = [band for band in bands if band.low_hz < 3400 and band.high_hz > 3000]
    assert notch
    assert min(band.excess_db for band in notch) < -6


def test_bands_lie_in_the_spectrum(artifact):
    for waveform in (*healthy(), *faulty()):
        bands = artifact.predict(waveform).explanation.bands
        assert all(30 <= band.low_hz < band.high_hz <= 7600 for band in bands)
        assert len(bands) <= MAX_BANDS


# Healthy, short, long


def test_most_healthy_recordings_have_no_segments_or_bands(artifact):
    explanations = [
        artifact.predict(waveform).explanation
        for session in range(100, 110)
        for waveform in recordings(session)
    ]
    assert sum(bool(explanation.segments) for explanation in explanations) <= 0.2 * len(
        explanations
    )
    assert sum(bool(explanation.bands) for explanation in explanations) <= 0.2 * len(explanations)


@pytest.mark.parametrize("seconds", [1.0, 1.2, 2.0, 7.0])
def test_the_curve_covers_the_recording(artifact, seconds):
    (waveform,) = recordings(OTHER_SESSIONS[0], n_clips=1, seconds=seconds)
    explanation = artifact.predict(waveform).explanation
    last_s = explanation.start_s + explanation.step_s * (len(explanation.curve) - 1)
    assert explanation.start_s == artifact.front_end.spec.trim_seconds
    assert seconds - 0.3 < last_s < seconds
    assert explanation.curve.dtype == np.float32


# The parts


def profile(n_mels=8, **limits):
    return Profile(
        np.zeros(n_mels, np.float32),
        np.eye(n_mels, dtype=np.float32),
        **({"curve_limit": 1.0, "level_limit": 0.1, "residual_limit": 3.0} | limits),
    )


def test_one_bang_does_not_make_the_rest_of_a_clip_unusual():
    normal = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)
    banged = normal - 6
    banged[20] = 30
    rest = np.delete(align(banged, profile().clip_mean), 20, axis=0)
    assert rest.mean() == pytest.approx(np.delete(normal, 20, axis=0).mean(), abs=0.2)


def test_a_band_is_compared_with_what_the_others_predict():
    covariance = np.array([[1.0, 0.9], [0.9, 1.0]])
    together = Profile(
        np.zeros(2, np.float32), np.linalg.inv(covariance).astype(np.float32), 1.0, 1.0, 1.0
    )
    both_up = np.array([[1, 1]], np.float32)
    one_up = np.array([[1, 0]], np.float32)
    assert (
        np.abs(together.compute_residual(both_up)).max()
        < 0.3
        < 2
        < np.abs(together.compute_residual(one_up)).max()
    )


def test_a_precision_without_a_positive_diagonal_is_refused():
    with pytest.raises(ValueError, match="diagonal"):
        Profile(np.zeros(2, np.float32), np.zeros((2, 2), np.float32), 1.0, 1.0, 1.0)


def test_a_curve_is_the_mean_over_bands_of_a_moment_and_its_neighbours():
    excess = np.zeros((11, 4), np.float32)
    excess[5] = 6
    assert smooth_curve(excess) == pytest.approx([0, 0, 0, 0, 2, 2, 2, 0, 0, 0, 0])
    assert len(smooth_curve(excess[:2])) == 2


def explain(curve, **limits):
    excess = np.repeat(np.asarray(curve, np.float32)[:, np.newaxis], 8, axis=1)
    spec = FeatureSpec(clip_seconds=2.0, n_mels=8)
    front_end = FrontEnd(
        spec, np.zeros((8, 513), np.float32), np.arange(10, dtype=np.float32) * 100
    )
    return profile(**limits).explain(
        np.zeros_like(excess),
        excess,
        np.zeros(RATE_HZ, np.float32),
        front_end,
        np.ones(len(excess), dtype=bool),
    )


def test_segments_are_where_the_curve_is_above_its_limit():
    (segment,) = explain([0] * 10 + [6] * 10 + [0] * 10).segments
    assert (segment.start_s, segment.end_s) == pytest.approx((0.1 + 9 * STEP_S, 0.1 + 21 * STEP_S))


def test_the_strongest_segments_are_shown_in_order_of_time():
    bumps = [bump for height in range(1, MAX_SEGMENTS + 3) for bump in [0] * 5 + [10 * height] * 5]
    segments = explain(bumps).segments
    assert len(segments) == MAX_SEGMENTS
    assert segments[0].start_s > 10 * STEP_S
    assert list(segments) == sorted(segments, key=lambda segment: segment.start_s)


@pytest.mark.parametrize(
    ("curve", "is_transient"),
    [
        ([0] * 100, False),
        ([0] * 95 + [9] * 5, True),
        ([0] * 70 + [9] * 30, False),
        ([0.5] * 95 + [9] * 5, False),
    ],
    ids=["nothing", "brief", "long", "brief, and the rest unusual"],
)
def test_transient_means_brief_and_otherwise_normal(curve, is_transient):
    assert explain(curve).is_transient is is_transient
