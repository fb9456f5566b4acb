"""What rounding leaves is told from the samples, whatever format they are copied to."""

import io

import numpy as np
import pytest
import soundfile

from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from tests.support.recordings import machine, wav

RATE_HZ = 16_000
MACHINE = machine(RATE_HZ, 2.0).astype(np.float64)


def at_dbfs(level_db):
    return MACHINE * 10 ** (level_db / 20) / MACHINE.std()


def store(samples, subtype):
    """Return the samples as they come back from a format."""
    stored, _rate_hz = soundfile.read(io.BytesIO(wav(samples, RATE_HZ, subtype)))
    return stored


def measure_band_dbfs(error):
    """Return the power of a band of 250 Hz, of 32 such bands; some formats round down."""
    return 10 * np.log10(np.var(error) / 32)


COARSE = [("PCM_U8", -20), ("PCM_U8", -35), ("PCM_16", -60), ("PCM_16", -72), ("PCM_24", -110)]
TELEPHONY = [("ULAW", -15), ("ULAW", -40), ("ALAW", -15), ("ALAW", -30)]


@pytest.mark.parametrize(("subtype", "level_db"), COARSE + TELEPHONY)
def test_rounding_leaves_what_it_did_to_the_samples(subtype, level_db):
    sound = at_dbfs(level_db)
    quality = assess_quality(decode(wav(sound, RATE_HZ, subtype)))
    done = measure_band_dbfs(store(sound, subtype) - sound)
    # Telephony is encoded towards zero, which does a little more than rounding to the nearest.
    assert quality.rounding_dbfs == pytest.approx(done, abs=2)


@pytest.mark.parametrize("finer", ["PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize(("subtype", "level_db"), [("PCM_U8", -25), ("PCM_16", -65), ("ULAW", -20)])
def test_a_finer_format_does_not_bring_back_what_was_rounded(subtype, level_db, finer):
    sound = at_dbfs(level_db)
    rounded = store(sound, subtype)
    quality = assess_quality(decode(wav(rounded, RATE_HZ, finer)))
    done = measure_band_dbfs(rounded - sound)
    assert quality.rounding_dbfs == pytest.approx(done, abs=1.5)


@pytest.mark.parametrize("gain", [1e-6, 3.7, 1e5])
def test_steps_are_found_at_any_gain_of_a_float_file(gain):
    rounded = store(at_dbfs(-65), "PCM_16")
    quality = assess_quality(decode(wav(gain * rounded, RATE_HZ, "FLOAT")))
    plain = assess_quality(decode(wav(rounded, RATE_HZ, "PCM_16")))
    gain_db = 20 * np.log10(gain)
    assert quality.rounding_dbfs == pytest.approx(plain.rounding_dbfs + gain_db, abs=0.1)
    assert quality.warnings == plain.warnings


def test_a_sound_of_floating_point_has_no_steps():
    quality = assess_quality(decode(wav(MACHINE, RATE_HZ, "FLOAT")))
    assert quality.rounding_dbfs < quality.level_dbfs - 150


def test_zeros_before_the_sound_hide_no_steps():
    sound = np.concatenate([np.zeros(70_000), at_dbfs(-65)])
    quality = assess_quality(decode(wav(store(sound, "PCM_16"), RATE_HZ, "PCM_24")))
    a_band = 10 * np.log10((2.0**-15) ** 2 / 12 / 32)
    assert quality.rounding_dbfs == pytest.approx(a_band, abs=0.1)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_rounding_is_spread_up_to_half_the_rate(rate_hz):
    sound = machine(rate_hz, 2.0).astype(np.float64)
    quality = assess_quality(decode(wav(0.1 * sound, rate_hz, "PCM_U8")))
    a_band = 10 * np.log10((2.0**-7) ** 2 / 12 * 250 / (rate_hz / 2))
    assert quality.rounding_dbfs == pytest.approx(a_band, abs=0.1)
