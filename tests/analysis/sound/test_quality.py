"""Measurements of quality are right, bad recordings have warnings, and ordinary ones have none."""

import io

import numpy as np
import pytest
import soundfile
import soxr

from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from tests.support.needs import needs_real
from tests.support.places import REAL
from tests.support.recordings import encode


def hiss(rate_hz=16_000, seconds=3.0, level_dbfs=-30.0):
    return 10 ** (level_dbfs / 20) * np.random.default_rng(0).standard_normal(
        round(rate_hz * seconds)
    )


def low_pass(samples, rate_hz, cutoff_hz):
    spectrum = np.fft.rfft(samples)
    spectrum[round(cutoff_hz * len(samples) / rate_hz) :] = 0
    return np.fft.irfft(spectrum, len(samples))


def assess(samples, rate_hz=16_000):
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype="PCM_16")
    return assess_quality(decode(file.getvalue()))


def test_an_ordinary_recording_has_measurements_and_no_warning():
    quality = assess(np.stack([hiss(48_000), hiss(48_000)], axis=1), 48_000)
    assert (quality.duration_s, quality.sample_rate_hz, quality.channels) == (3.0, 48_000, 2)
    assert (quality.clipped_fraction, quality.bandwidth_hz, quality.warnings) == (0.0, 8_000, ())


@pytest.mark.parametrize("level_dbfs", [-12.0, -40.0, -60.0])
def test_level_is_the_rms_in_db_of_full_scale(level_dbfs):
    assert assess(hiss(level_dbfs=level_dbfs)).level_dbfs == pytest.approx(level_dbfs, abs=0.1)


def test_a_constant_offset_is_no_level():
    assert assess(hiss(level_dbfs=-40.0) + 0.3).level_dbfs == pytest.approx(-40.0, abs=0.1)


@pytest.mark.parametrize(("level_dbfs", "warnings"), [(-64.0, ()), (-68.0, ("quiet",))])
def test_a_recording_near_the_last_bits_is_quiet(level_dbfs, warnings):
    assert assess(hiss(level_dbfs=level_dbfs)).warnings == warnings


@pytest.mark.parametrize(("gain", "warnings"), [(0.9, ()), (1.4, ("clipped",))])
def test_a_flat_top_is_clipped(gain, warnings):
    whine = np.sin(2 * np.pi * 440 * np.arange(48_000) / 16_000)
    assert assess(np.clip(gain * whine + hiss(level_dbfs=-50), -1, 1)).warnings == warnings


@pytest.mark.parametrize("level_dbfs", [-15.0, -30.0, -50.0])
@pytest.mark.parametrize("cutoff_hz", [3_400, 5_000, 7_000])
def test_bandwidth_is_where_the_sound_ends(cutoff_hz, level_dbfs):
    quality = assess(low_pass(hiss(level_dbfs=level_dbfs), 16_000, cutoff_hz))
    # Up to the next band, or one more where a loud sound leaks through the window.
    assert cutoff_hz <= quality.bandwidth_hz < cutoff_hz + 500
    assert quality.warnings == (("band_limited",) if cutoff_hz < 6_000 else ())


def test_a_machine_that_hums_low_is_not_band_limited():
    """Its sound falls off by 40 dB and more, but the microphone's hiss goes on."""
    hum = 0.3 * np.sin(2 * np.pi * 100 * np.arange(48_000) / 16_000)
    assert assess(hum + hiss(level_dbfs=-75)).warnings == ()


def test_a_telephone_call_stored_at_a_high_rate_is_band_limited():
    call = decode(encode(hiss(8_000).astype(np.float32), 8_000, "amr")).waveform
    quality = assess(soxr.resample(call, 16_000, 48_000, "HQ"), 48_000)
    assert quality.bandwidth_hz == pytest.approx(4_000, abs=300)
    assert quality.warnings == ("band_limited",)


def test_a_low_sample_rate_is_one_warning():
    quality = assess(hiss(8_000), 8_000)
    assert (quality.bandwidth_hz, quality.warnings) == (4_000, ("low_sample_rate",))


@pytest.mark.parametrize("name", ["m4a", "webm", "mp3", "ogg_vorbis"])
def test_ordinary_codecs_bring_no_warning(name):
    rate_hz = 44_100 if name == "ogg_vorbis" else 48_000
    assert (
        assess_quality(decode(encode(hiss(rate_hz).astype(np.float32), rate_hz, name))).warnings
        == ()
    )


@needs_real
@pytest.mark.parametrize(
    "machine", ["slider_id_00", "compressor", "engine_car02", "engine_car04", "bldc_m2"]
)
def test_real_normal_recordings_bring_no_warning(machine):
    paths = [
        path
        for split in ("train_normal", "test_normal")
        for path in (REAL / machine / split).iterdir()
    ]
    warnings = [assess_quality(decode(path)).warnings for path in paths]
    assert set(warnings) <= {(), ("dropouts",)}
    # The compressor's recorder did lose buffers: the waveform jumps within a sample.
    assert warnings.count(("dropouts",)) == (17 if machine == "compressor" else 0)
