"""Level, bands and rhythms are measured without a model, and noise has no rhythm."""

import numpy as np
import pytest

from analysis.sound import evidence
from analysis.sound.audio import SAMPLE_RATE_HZ
from analysis.sound.evidence import BANDS_HZ, FFT_BATCH, place_segments
from analysis.sound.quality import measure_level_dbfs


def measure(waveform):
    return evidence.measure_evidence(waveform, measure_level_dbfs(waveform))


def hiss(seconds=4.0, seed=0):
    return (0.05 * np.random.default_rng(seed).standard_normal(round(seconds * 16_000))).astype(
        np.float32
    )


def tone(frequency_hz, amplitude=0.1, seconds=4.0):
    t = np.arange(round(seconds * 16_000)) / 16_000
    return (amplitude * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32)


def test_level_is_the_rms_in_db_of_full_scale():
    assert measure(tone(440, 1.0)).level_dbfs == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize(("name", "low_hz", "high_hz"), BANDS_HZ)
def test_a_tone_lies_in_its_band_alone(name, low_hz, high_hz):
    bands = {band.name: band for band in measure(tone((low_hz + high_hz) / 2)).bands}
    assert (bands[name].low_hz, bands[name].high_hz) == (low_hz, high_hz)
    assert bands[name].fraction == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("seconds", [1.0, 1.3, 10.0])
def test_the_fractions_of_noise_follow_the_widths_of_the_bands(seconds):
    bands = measure(hiss(seconds)).bands
    assert sum(band.fraction for band in bands) == pytest.approx(1.0)
    for band in bands:
        assert band.fraction == pytest.approx(
            (band.high_hz - band.low_hz) / 7570, rel=0.5, abs=0.002
        )


@pytest.mark.parametrize("depth", [0.1, 0.3])
@pytest.mark.parametrize("frequency_hz", [7.0, 87.0, 311.0])
def test_a_swelling_hiss_shows_its_rhythm_and_how_deep_it_is(frequency_hz, depth):
    t = np.arange(64_000) / 16_000
    swelling = (hiss() * (1 + depth * np.sin(2 * np.pi * frequency_hz * t))).astype(np.float32)
    (peak,) = measure(swelling).envelope_peaks
    assert peak.frequency_hz == pytest.approx(frequency_hz, abs=0.5)
    # The square of 1 + d sin swells by 2 d around a mean of 1 + d^2 / 2.
    assert peak.amplitude == pytest.approx(2 * depth / (1 + depth**2 / 2), rel=0.2)


def test_a_bearing_that_knocks_shows_its_rate_and_harmonics():
    t = np.arange(800) / 16_000
    ring = np.exp(-t * 800) * np.sin(2 * np.pi * 3_000 * t)
    knocks = np.zeros(64_000)
    knocks[:: 16_000 // 100] = 1.0
    sound = 0.2 * np.convolve(knocks, ring)[:64_000] + hiss()
    frequencies = [peak.frequency_hz for peak in measure(sound.astype(np.float32)).envelope_peaks]
    assert frequencies[:3] == [100.0, 200.0, 300.0]


def test_a_hum_below_the_carrier_band_is_no_rhythm():
    assert measure(hiss() + tone(100, 0.5)).envelope_peaks == ()


@pytest.mark.parametrize("seconds", [1.0, 2.0, 3.7, 10.0])
def test_plain_noise_has_no_rhythm(seconds):
    assert [seed for seed in range(25) if measure(hiss(seconds, seed)).envelope_peaks] == []


def test_peaks_come_strongest_first_and_no_more_than_five():
    t = np.arange(64_000) / 16_000
    swell = 1 + sum(0.1 / k * np.sin(2 * np.pi * 37 * k * t + k) for k in range(1, 9))
    amplitudes = [
        peak.amplitude for peak in measure((hiss() * swell).astype(np.float32)).envelope_peaks
    ]
    assert amplitudes == sorted(amplitudes, reverse=True)
    assert 3 <= len(amplitudes) <= 5


def test_a_pure_tone_gives_finite_numbers_and_no_rhythm():
    found = measure(tone(200))
    assert found.envelope_peaks == ()
    assert all(np.isfinite(band.fraction) for band in found.bands)


@pytest.mark.parametrize("seconds", [1, 1.5, 2, 3, 5, 6.1, 7.99, 8, 10, 12, 15.99, 16, 30, 119.37])
def test_segments_leave_no_sample_out(seconds):
    total = round(seconds * SAMPLE_RATE_HZ)
    length, starts = place_segments(total)
    assert min(total, 2 * SAMPLE_RATE_HZ) <= length <= 4.1 * SAMPLE_RATE_HZ
    is_covered = np.zeros(total, bool)
    for start in starts:
        is_covered[start : start + length] = True
    assert is_covered.all()
    assert starts[-1] + length == total
    assert seconds < 8 or len(starts) % FFT_BATCH == 0


@pytest.mark.parametrize("start_s", [0, 2.03, 4.7, 7.4, 9.4])
def test_a_burst_counts_wherever_it_is(start_s):
    time = np.arange(10 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    waveform = (0.01 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    waveform += np.where(
        (time >= start_s) & (time < start_s + 0.6), np.sin(2 * np.pi * 6000 * time), 0
    )
    shares = {band.name: band.fraction for band in measure(waveform).bands}
    assert shares["hiss"] > 0.99
