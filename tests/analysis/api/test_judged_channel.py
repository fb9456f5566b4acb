"""Of a recording of several channels, one is judged and shown everywhere; the answer names it."""

import io

import numpy as np
import pytest
import soundfile

from analysis import loading, matching
from analysis.models import Analysis
from analysis.recalibration import score_clips
from tests.support.pump_sounds import pump, send
from tests.support.trained_pump import to_format_2
from training.datasets.datasets import read_dataset
from training.datasets.listing import list_recordings
from training.fitters.sounds import Sound

pytestmark = pytest.mark.django_db


def samples_of(content):
    return soundfile.read(io.BytesIO(content), dtype="float32")


def with_second_channel(content, other, *, is_first=False):
    """Return a wav with another channel after the sound, or before it."""
    sound, rate_hz = samples_of(content)
    channels = [other, sound] if is_first else [sound, other]
    wav = io.BytesIO()
    soundfile.write(wav, np.stack(channels, axis=1), rate_hz, format="WAV", subtype="PCM_16")
    return wav.getvalue()


def hum():
    seconds = np.arange(len(samples_of(pump())[0])) / 16_000
    return sum(0.1 * np.sin(2 * np.pi * 50 * n * seconds) / n for n in range(1, 9))


def delayed():
    """The pump of a microphone 15 cm farther away."""
    return np.roll(samples_of(pump())[0], 7)


def analyze(api, content):
    return api.get(send(api, content)).json()


@pytest.fixture
def older_version(publish, pump_artifact):
    """A version that was trained before channels were chosen."""
    return publish(
        "pump_forest", type="level1_isolation_forest", content=to_format_2(pump_artifact)
    )


def test_the_verdict_is_that_of_the_channel_alone(api, pump_version):
    alone = analyze(api, pump())
    for content, channel in (
        (with_second_channel(pump(), delayed()), 1),
        (with_second_channel(pump(), hum(), is_first=True), 2),
    ):
        analysis = analyze(api, content)
        assert analysis["quality"] == alone["quality"] | {"channels": 2, "channel": channel}
        assert analysis["anomaly_score"] == pytest.approx(alone["anomaly_score"], rel=1e-6)
        assert analysis["explanation"]["evidence"] == alone["explanation"]["evidence"]


def test_picture_and_player_show_the_channel_that_was_judged(api, pump_version):
    alone = send(api, pump())
    mixed = send(api, with_second_channel(pump(), hum(), is_first=True))
    assert (
        api.get(f"{mixed}/spectrogram.png").content == api.get(f"{alone}/spectrogram.png").content
    )
    response = api.get(f"{mixed}/audio?channel=judged")
    assert (response.status_code, response["Content-Type"]) == (200, "audio/wav")
    np.testing.assert_array_equal(samples_of(response.content)[0], samples_of(pump())[0])

    part = api.get(f"{mixed}/audio?channel=judged", headers={"Range": "bytes=0-43"})
    assert (part.status_code, part.content) == (206, response.content[:44])
    assert part["Content-Range"] == f"bytes 0-43/{len(response.content)}"
    etag = {"If-None-Match": response["ETag"]}
    assert api.get(f"{mixed}/audio?channel=judged", headers=etag).status_code == 304


def test_of_a_mono_recording_the_player_gets_the_upload(api, pump_version):
    response = api.get(f"{send(api, pump())}/audio?channel=judged")
    assert b"".join(response.streaming_content) == pump()
    assert api.get(f"{send(api, pump())}/audio?channel=2").status_code == 400


def test_channels_that_differ_are_told(api, pump_version):
    seconds = np.arange(len(samples_of(pump())[0])) / 16_000
    whine = sum(0.02 * np.sin(2 * np.pi * hz * seconds) for hz in (5100, 6200, 7300))
    noise = 0.001 * np.random.default_rng(0).standard_normal(len(seconds))
    content = with_second_channel(pump(), whine + noise, is_first=True)
    location = send(api, content)
    analysis = api.get(location).json()
    channel = analysis["quality"]["channel"]
    assert "channels_differ" in analysis["quality"]["warnings"]
    assert f"only channel {channel} was judged" in analysis["summary"]
    korean = api.get(location, headers={"Accept-Language": "ko"}).json()["summary"]
    assert f"{channel}번 채널만 판정했습니다" in korean


def test_a_version_of_an_earlier_release_judges_the_mean(api, older_version):
    silent = np.zeros(len(samples_of(pump())[0]))
    half = with_second_channel(pump(), silent)
    analysis = analyze(api, half)
    assert (analysis["quality"]["channels"], analysis["quality"]["channel"]) == (2, None)
    level_dbfs = analyze(api, pump())["quality"]["level_dbfs"]
    assert analysis["quality"]["level_dbfs"] == pytest.approx(level_dbfs - 6.02, abs=0.01)


def test_an_analysis_of_an_earlier_release_names_no_channel(api, pump_version):
    location = send(api)
    stored = Analysis.objects.get()
    del stored.quality["channel"]
    Analysis.objects.filter(pk=stored.pk).update(quality=stored.quality)
    quality = api.get(location).json()["quality"]
    assert quality["channel"] is None
    assert list(quality)[:4] == ["duration_s", "sample_rate_hz", "channels", "channel"]
    assert api.get(f"{location}/spectrogram.png").status_code == 200


def test_match_calibration_and_training_hear_the_same_channel(
    pump_version, publish, pump_artifact, tmp_path
):
    mono = pump()
    stereo = with_second_channel(mono, hum(), is_first=True)
    assert score_clips(pump_version, [stereo]) == pytest.approx(score_clips(pump_version, [mono]))
    older = publish("older", type="level1_isolation_forest", content=to_format_2(pump_artifact))
    assert score_clips(older, [stereo]) != pytest.approx(score_clips(older, [mono]), rel=1e-3)

    scores = {each.model.pk: each.anomaly_score for each in matching.match(stereo).matches}
    assert scores == {
        "pump_forest": pytest.approx(score_clips(pump_version, [mono])[0]),
        "older": pytest.approx(score_clips(older, [stereo])[0]),
    }

    (tmp_path / "stereo.wav").write_bytes(stereo)
    listing = list_recordings(tmp_path)
    (clip,) = read_dataset(listing, limits=loading.get_limits()).clips
    np.testing.assert_array_equal(clip.waveform, samples_of(mono)[0])
    sound = Sound.read(clip.source, clip.quality.channel)
    np.testing.assert_array_equal(sound.samples, samples_of(mono)[0])
