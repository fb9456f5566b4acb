"""Where a format has no full scale only the shape of the sound counts; steps are the format's."""

import io

import numpy as np
import pytest
import soundfile

from analysis import detectors
from analysis.errors import BandwidthTooNarrow, Silent
from analysis.sound.audio import Limits, decode, read_at_own_rate
from analysis.sound.evidence import measure_evidence
from analysis.sound.quality import assess_quality
from tests.support.pump_sounds import pump
from tests.support.recordings import encode, machine, wav
from training.datasets.csv_recordings import convert_csv_to_wav

MACHINE = machine(48_000, 2.5).astype(np.float64)


def pump_samples():
    return soundfile.read(io.BytesIO(pump()))


def at_dbfs(level_db, sound=MACHINE):
    return sound * 10 ** (level_db / 20) / sound.std()


@pytest.fixture(scope="module")
def artifact(request):
    from tests.support.trained_pump import train

    return detectors.read(train())


def judge(artifact, content):
    clip = decode(content)
    quality = assess_quality(clip)
    artifact.check_compatible(quality)
    return artifact.compute_anomaly_score(clip.waveform, clip.codec, clip.gaps), quality


GAINS = [*(10 ** (db / 20) for db in (-120, -76, -57, -43, -32, -7, 6, 12)), 32_768.0, 1e30, 1e-30]


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
@pytest.mark.parametrize("gain", GAINS)
def test_the_gain_of_a_float_file_changes_nothing(artifact, gain, subtype):
    sound, rate_hz = pump_samples()
    score, quality = judge(artifact, wav(sound, rate_hz, "FLOAT"))
    scaled, of_scaled = judge(artifact, wav(gain * sound, rate_hz, subtype))
    calibration = artifact.calibration
    assert abs(scaled - score) < 1e-4 * (calibration.warning - calibration.median)
    assert of_scaled.warnings == quality.warnings
    assert of_scaled.bandwidth_hz == quality.bandwidth_hz
    gain_db = 20 * np.log10(gain)
    assert of_scaled.level_dbfs == pytest.approx(quality.level_dbfs + gain_db, abs=1e-3)


def test_a_float_file_scores_as_one_of_16_bits(artifact):
    sound, rate_hz = pump_samples()
    score, quality = judge(artifact, pump())
    as_float, of_float = judge(artifact, wav(sound, rate_hz, "FLOAT"))
    calibration = artifact.calibration
    assert abs(as_float - score) < 1e-4 * (calibration.warning - calibration.median)
    assert of_float.level_dbfs == pytest.approx(quality.level_dbfs, abs=1e-3)


@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE", "PCM_24", "PCM_32"])
def test_an_offset_is_no_sound(artifact, subtype):
    sound, rate_hz = pump_samples()
    score, _ = judge(artifact, wav(sound / 50, rate_hz, subtype))
    lifted, quality = judge(artifact, wav(0.7 + sound / 50, rate_hz, subtype))
    calibration = artifact.calibration
    assert abs(lifted - score) < 0.05 * (calibration.warning - calibration.median)
    assert quality.warnings == ()


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_an_offset_larger_than_the_sound_is_taken_off_and_a_smaller_one_stays(subtype):
    sound = MACHINE / 100
    lifted = decode(wav(0.3 + sound, 48_000, subtype)).waveform[1600:-1600]
    assert abs(float(lifted.mean(dtype=np.float64))) < 0.01 * sound.std()
    smaller = decode(wav(0.0005 + sound, 48_000, subtype)).waveform[1600:-1600]
    assert smaller.mean(dtype=np.float64) == pytest.approx(0.0005, rel=0.1)


@pytest.mark.parametrize("scale", [1e-5, 1.0, 9.81, 32_768.0])
def test_a_csv_file_may_have_any_unit(artifact, scale):
    sound, rate_hz = pump_samples()
    rows = "\n".join(map(repr, map(float, 3 * scale + scale * sound)))
    content = convert_csv_to_wav(rows.encode(), rate_hz, Limits())
    score, quality = judge(artifact, content)
    expected, _ = judge(artifact, wav(sound, rate_hz, "DOUBLE"))
    calibration = artifact.calibration
    assert abs(score - expected) < 1e-3 * (calibration.warning - calibration.median)
    assert quality.warnings == ()


def test_other_decoders_of_float_files_do_as_wav():
    loud = np.stack([40 * MACHINE, 20 * MACHINE], axis=1).astype(np.float32)
    clip = decode(wav(loud, 48_000, "FLOAT"))
    assert clip.clipped_fraction == 0
    assert clip.waveform.std() == pytest.approx(0.1, rel=1e-4)
    samples, _rate_hz = read_at_own_rate(wav(loud, 48_000, "FLOAT"), pick=1)
    assert np.corrcoef(samples, MACHINE)[0, 1] > 0.99999


@pytest.mark.parametrize("value", [0.0, 0.5, -3e7])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_a_float_file_is_silent_only_where_nothing_varies(value, subtype):
    constant = np.full(96_000, value)
    with pytest.raises(Silent):
        decode(wav(constant, 48_000, subtype))
    faint = np.float32(1e-20) * MACHINE.astype(np.float32)
    assert decode(wav(faint, 48_000, subtype)).waveform.std() == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize(
    ("subtype", "level_db", "warnings"),
    [
        ("PCM_16", -60, ()),
        ("PCM_16", -70, ("quiet",)),
        ("PCM_24", -80, ()),
        ("PCM_24", -100, ()),
        ("PCM_24", -118, ("quiet",)),
        ("PCM_32", -100, ()),
        ("PCM_U8", -30, ("quiet",)),
    ],
)
def test_quiet_and_narrow_are_told_from_the_steps_of_the_format(subtype, level_db, warnings):
    hiss = 0.1 * MACHINE.std() * np.random.default_rng(0).standard_normal(len(MACHINE))
    quality = assess_quality(decode(wav(at_dbfs(level_db, MACHINE + hiss), 48_000, subtype)))
    assert tuple(each for each in quality.warnings if each != "band_limited") == warnings
    if "quiet" not in warnings:
        assert quality.warnings == ()


def test_rhythms_do_not_depend_on_the_gain_of_a_float_file():
    clips = [decode(wav(gain * MACHINE, 48_000, "FLOAT")) for gain in (1, 1e-4, 1e3)]
    peaks = [
        measure_evidence(clip.intact, assess_quality(clip).level_dbfs, clip.gain_db).envelope_peaks
        for clip in clips
    ]
    assert [[round(each.frequency_hz, 3) for each in found] for found in peaks] == [
        [round(each.frequency_hz, 3) for each in peaks[0]]
    ] * 3


def test_what_a_codec_removed_is_still_missed(artifact):
    narrow = encode(machine(8_000), 8_000, "wav")
    with pytest.raises(BandwidthTooNarrow):
        judge(artifact, narrow)
