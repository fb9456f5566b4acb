"""A recording that lacks what the model needs is refused by name, and an ordinary one never."""

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import soxr

from analysis import detectors
from analysis.errors import BandwidthTooNarrow, RecordingTooShort, TooCoarse
from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from tests.support.pump_sounds import BROKEN_BEARING, pump
from tests.support.recordings import at_rate, encode, read_samples, wav
from tests.support.serving_forms import write_older
from tests.support.trained_detectors import FOREST
from training.fitters.front_end import build_front_end, with_bandwidth


def encode_as(wav, name, rate_hz):
    samples, source_rate_hz = read_samples(wav)
    return encode(soxr.resample(samples, source_rate_hz, rate_hz, "HQ"), rate_hz, name)


def telephone(wav):
    """Return a call stored at a high rate, so that its header does not show the narrow band."""
    call = decode(encode_as(wav, "amr", 8_000)).waveform
    file = io.BytesIO()
    soundfile.write(
        file, soxr.resample(call, 16_000, 44_100, "HQ"), 44_100, format="WAV", subtype="PCM_16"
    )
    return file.getvalue()


@pytest.fixture(scope="module")
def artifact(pump_artifact):
    return detectors.read(pump_artifact)


def check(artifact, content):
    artifact.check_compatible(assess_quality(decode(content)))


NARROW = {
    "8 kHz wav": lambda wav: at_rate(wav, 8_000),
    "11 kHz wav": lambda wav: at_rate(wav, 11_025),
    "amr": lambda wav: encode_as(wav, "amr", 8_000),
    "3gp": lambda wav: encode_as(wav, "3gp_amr", 8_000),
    "a stored call": telephone,
}
WIDE = {
    "as trained": lambda wav: wav,
    "44.1 kHz wav": lambda wav: at_rate(wav, 44_100),
    "AAC": lambda wav: encode_as(wav, "m4a", 48_000),
    "Opus": lambda wav: encode_as(wav, "webm", 48_000),
    "40 dB quieter, in 16 bits": lambda wav: at_rate(wav, 16_000, gain=0.01),
}


@pytest.mark.parametrize("change", NARROW.values(), ids=NARROW)
def test_a_recording_without_the_band_of_training_is_refused(artifact, change):
    with pytest.raises(BandwidthTooNarrow, match=r"up to (4|5\.5)\.?\d? kHz only.*up to 7\.6 kHz"):
        check(artifact, change(pump(1)))


@pytest.mark.parametrize("change", WIDE.values(), ids=WIDE)
@pytest.mark.parametrize("fault", [None, BROKEN_BEARING], ids=["healthy", "broken"])
def test_an_ordinary_recording_is_accepted(artifact, change, fault):
    check(artifact, change(pump(1, fault=fault)))


def test_a_band_in_which_the_machine_is_quiet_is_not_needed(artifact):
    """Its profile is at the floor there, so that a codec may remove it."""
    band_hz = artifact.front_end.band_hz[1:-1]
    clip_mean = np.where(band_hz > 3_000, -50, artifact.profile.clip_mean).astype(np.float32)
    quiet_above = replace(artifact, profile=replace(artifact.profile, clip_mean=clip_mean))
    check(quiet_above, telephone(pump(1)))
    # But a sample rate that is too low lacks the band for certain.
    with pytest.raises(BandwidthTooNarrow):
        check(quiet_above, at_rate(pump(1), 8_000))


def test_a_model_trained_on_telephone_recordings_accepts_them():
    clips = [decode(encode_as(pump(seed), "amr", 8_000)) for seed in range(3)]
    front_end = build_front_end([clip.waveform for clip in clips])
    front_end = with_bandwidth(front_end, [assess_quality(clip).bandwidth_hz for clip in clips])
    assert 3_000 < front_end.spec.bandwidth_hz <= 4_000


def test_one_telephone_among_twenty_does_not_narrow_the_band():
    front_end = build_front_end([decode(pump()).waveform])
    assert with_bandwidth(front_end, [8_000.0] * 19 + [4_000.0]).spec.bandwidth_hz == 7_600
    assert with_bandwidth(front_end, [8_000.0] * 18 + [4_000.0] * 2).spec.bandwidth_hz == 4_000


def test_an_artifact_of_format_2_needs_no_bandwidth():
    check(detectors.read(write_older(FOREST, 2)), at_rate(pump(1), 8_000))


@pytest.mark.parametrize(
    ("learnt_s", "long_enough_s", "too_short_s"),
    [(2.0, 1.0, None), (3.0, 1.5, 1.4), (10.0, 5.0, 4.5)],
)
def test_half_the_training_length_is_enough_and_less_is_not(
    artifact, learnt_s, long_enough_s, too_short_s
):
    spec = replace(artifact.front_end.spec, clip_seconds=learnt_s)
    longer = replace(artifact, front_end=replace(artifact.front_end, spec=spec))
    check(longer, pump(1, seconds=long_enough_s))
    if too_short_s:
        with pytest.raises(
            RecordingTooShort,
            match=f"{too_short_s} s long.*{learnt_s} s.*{long_enough_s} s or more",
        ):
            check(longer, pump(1, seconds=too_short_s))


FAINT = {
    "8 bits at -42 dBFS": (-42, "PCM_U8", "PCM_U8"),
    "16 bits at -90 dBFS": (-90, "PCM_16", "PCM_16"),
    "those copied to 24 bits": (-90, "PCM_16", "PCM_24"),
    "those copied to floating point": (-90, "PCM_16", "FLOAT"),
}


def store_twice(content, level_db, subtype, copied_to):
    samples, rate_hz = read_samples(content)
    samples = samples * 10 ** (level_db / 20) / samples.std()
    stored, _rate_hz = soundfile.read(io.BytesIO(wav(samples, rate_hz, subtype)))
    return wav(stored, rate_hz, copied_to)


@pytest.mark.parametrize(("level_db", "subtype", "copied_to"), FAINT.values(), ids=FAINT)
@pytest.mark.parametrize("fault", [None, BROKEN_BEARING], ids=["healthy", "broken"])
def test_steps_louder_than_the_machine_are_refused(artifact, level_db, subtype, copied_to, fault):
    with pytest.raises(TooCoarse, match=r"in \d\d% of the frequencies.*16 bits or more"):
        check(artifact, store_twice(pump(1, fault=fault), level_db, subtype, copied_to))


@pytest.mark.parametrize("level_db", [-90, -42])
@pytest.mark.parametrize("subtype", ["PCM_24", "FLOAT"])
def test_a_faint_recording_in_fine_steps_is_accepted(artifact, level_db, subtype):
    check(artifact, store_twice(pump(1), level_db, subtype, subtype))


def test_a_model_trained_on_coarse_recordings_accepts_them(artifact):
    """What rounding left belongs to the sound that it learnt."""
    coarse = store_twice(pump(1), -42, "PCM_U8", "PCM_U8")
    quality = assess_quality(decode(coarse))
    clip_mean = artifact.front_end.extract_frames(decode(coarse).waveform).mean(axis=0)
    learnt = replace(artifact, profile=replace(artifact.profile, clip_mean=clip_mean))
    learnt.check_compatible(quality)
