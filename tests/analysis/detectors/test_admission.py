"""A recording that lacks what the model learnt to listen to is refused by name, and an ordinary one never."""

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import soxr

from analysis import detectors
from analysis.errors import BandwidthTooNarrow, RecordingTooShort
from analysis.sound.audio import decode
from analysis.sound.quality import assess_quality
from tests.support.calibrated_devices import calibrate
from tests.support.pump_sounds import BROKEN_BEARING, pump
from tests.support.recordings import encode
from tests.support.trained_pump import of_format_2
from training.fitters.front_end import build_front_end, with_bandwidth

URL = "/api/v1/analyses"
MATCH = "/api/v1/models/match"


def samples_of(wav):
    return soundfile.read(io.BytesIO(wav), dtype="float32")


def at_rate(wav, rate_hz, gain=1.0):
    """The same sound as a recorder of another sample rate would have written it."""
    samples, source_rate_hz = samples_of(wav)
    file = io.BytesIO()
    written = gain * soxr.resample(samples, source_rate_hz, rate_hz, "HQ")
    soundfile.write(file, written, rate_hz, format="WAV", subtype="PCM_16")
    return file.getvalue()


def encoded(wav, name, rate_hz):
    samples, source_rate_hz = samples_of(wav)
    return encode(soxr.resample(samples, source_rate_hz, rate_hz, "HQ"), rate_hz, name)


def telephone(wav):
    """A call stored at a high rate: nothing in the file says that its band is narrow."""
    call = decode(encoded(wav, "amr", 8_000)).waveform
    file = io.BytesIO()
    soundfile.write(
        file, soxr.resample(call, 16_000, 44_100, "HQ"), 44_100, format="WAV", subtype="PCM_16"
    )
    return file.getvalue()


@pytest.fixture(scope="module")
def judge(pump_artifact):
    return detectors.read(pump_artifact)


def admit(judge, content):
    judge.check_compatible(assess_quality(decode(content)))


NARROW = {
    "8 kHz wav": lambda wav: at_rate(wav, 8_000),
    "11 kHz wav": lambda wav: at_rate(wav, 11_025),
    "amr": lambda wav: encoded(wav, "amr", 8_000),
    "3gp": lambda wav: encoded(wav, "3gp_amr", 8_000),
    "a stored call": telephone,
}
WIDE = {
    "as trained": lambda wav: wav,
    "44.1 kHz wav": lambda wav: at_rate(wav, 44_100),
    "AAC": lambda wav: encoded(wav, "m4a", 48_000),
    "Opus": lambda wav: encoded(wav, "webm", 48_000),
    "40 dB quieter, in 16 bits": lambda wav: at_rate(wav, 16_000, gain=0.01),
}


@pytest.mark.parametrize("change", NARROW.values(), ids=NARROW)
def test_a_recording_without_the_band_that_was_learnt_is_refused(judge, change):
    with pytest.raises(BandwidthTooNarrow, match=r"up to (4|5\.5)\.?\d? kHz only.*up to 7\.6 kHz"):
        admit(judge, change(pump(1)))


@pytest.mark.parametrize("change", WIDE.values(), ids=WIDE)
@pytest.mark.parametrize("fault", [None, BROKEN_BEARING], ids=["healthy", "broken"])
def test_an_ordinary_recording_is_let_in(judge, change, fault):
    admit(judge, change(pump(1, fault=fault)))


def test_a_machine_that_is_quiet_above_a_frequency_is_let_in_without_what_lies_there(judge):
    """Its profile lies at the floor there; that a codec leaves it out changes nothing."""
    band_hz = judge.front_end.band_hz[1:-1]
    clip_mean = np.where(band_hz > 3_000, -50, judge.profile.clip_mean).astype(np.float32)
    quiet_above = replace(judge, profile=replace(judge.profile, clip_mean=clip_mean))
    admit(quiet_above, telephone(pump(1)))
    # But a sample rate that cannot hold the band leaves no doubt.
    with pytest.raises(BandwidthTooNarrow):
        admit(quiet_above, at_rate(pump(1), 8_000))


def test_a_machine_that_was_learnt_by_telephone_takes_telephones():
    clips = [decode(encoded(pump(seed), "amr", 8_000)) for seed in range(3)]
    front_end = build_front_end([clip.waveform for clip in clips])
    front_end = with_bandwidth(front_end, [assess_quality(clip).bandwidth_hz for clip in clips])
    assert 3_000 < front_end.spec.bandwidth_hz <= 4_000


def test_one_telephone_among_twenty_does_not_narrow_what_is_learnt():
    front_end = build_front_end([decode(pump()).waveform])
    assert with_bandwidth(front_end, [8_000.0] * 19 + [4_000.0]).spec.bandwidth_hz == 7_600
    assert with_bandwidth(front_end, [8_000.0] * 18 + [4_000.0] * 2).spec.bandwidth_hz == 4_000


def test_an_artifact_of_format_2_knows_no_bandwidth_and_asks_for_none(pump_artifact):
    admit(detectors.read(of_format_2(pump_artifact)), at_rate(pump(1), 8_000))


@pytest.mark.parametrize(
    ("learnt_s", "long_enough_s", "too_short_s"),
    [(2.0, 1.0, None), (3.0, 1.5, 1.4), (10.0, 5.0, 4.5)],
)
def test_half_the_training_length_is_enough_and_less_is_not(
    judge, learnt_s, long_enough_s, too_short_s
):
    spec = replace(judge.front_end.spec, clip_seconds=learnt_s)
    longer = replace(judge, front_end=replace(judge.front_end, spec=spec))
    admit(longer, pump(1, seconds=long_enough_s))
    if too_short_s:
        with pytest.raises(
            RecordingTooShort,
            match=f"{too_short_s} s long.*{learnt_s} s.*{long_enough_s} s or more",
        ):
            admit(longer, pump(1, seconds=too_short_s))


# Over HTTP


def send(api, url, content, **fields):
    return api.post(url, {"file": io.BytesIO(content)} | fields, format="multipart")


@pytest.mark.django_db
def test_an_analysis_names_what_is_missing(api, pump_version):
    response = send(api, URL, at_rate(pump(1), 8_000), model_id="pump_forest")
    assert (response.status_code, response.json()["code"]) == (422, "bandwidth_too_narrow")


@pytest.mark.django_db
def test_a_match_names_the_models_that_cannot_be_asked(api, pump_version, publish, pump_artifact):
    publish("older", type="level1_isolation_forest", content=of_format_2(pump_artifact))
    said = send(api, MATCH, at_rate(pump(1), 8_000)).json()
    assert [each["model"]["id"] for each in said["matches"]] == ["older"]
    assert [(each["model_id"], each["code"]) for each in said["unavailable"]] == [
        ("pump_forest", "bandwidth_too_narrow")
    ]


@pytest.mark.django_db
def test_a_recording_that_no_model_can_be_asked_about_is_refused(api, pump_version):
    response = send(api, MATCH, at_rate(pump(1), 8_000))
    assert (response.status_code, response.json()["code"]) == (422, "bandwidth_too_narrow")


@pytest.mark.django_db
def test_a_device_is_not_calibrated_on_what_would_not_be_analysed(sign_in, make_user, pump_version):
    from analysis.models import Device

    Device.objects.create(
        device_id="pump-07",
        name="Pump 7",
        machine_type_id="pump",
        preferred_model=pump_version.registered_model,
    )
    clips = [pump(seed) for seed in range(4)] + [at_rate(pump(4), 8_000)]
    response = calibrate(sign_in(make_user("engineer")), clips)
    assert (response.status_code, response.json()["code"]) == (422, "bandwidth_too_narrow")
    assert response.json()["detail"].startswith("Clip 5: ")
