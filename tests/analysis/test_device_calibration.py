"""Five clips of a device that sounds different end its false alarms; an undo restores them."""

from io import BytesIO

import numpy as np
import pytest
import soundfile

from analysis.detectors import device_calibration
from analysis.detectors.calibration import Calibration
from analysis.errors import InconsistentClips
from analysis.models import Analysis, CalibrationRecord, Device
from tests.support.calibrated_devices import analyze, calibrate, make_shifted_clips
from tests.support.pump_sounds import BROKEN_BEARING, pump

pytestmark = pytest.mark.django_db
URL = "/api/v1/devices/pump-07/calibrations"


@pytest.fixture
def device(pump_version):
    return Device.objects.create(
        device_id="pump-07",
        name="Pump 7",
        machine_type_id="pump",
        preferred_model=pump_version.registered_model,
    )


@pytest.fixture
def engineer(sign_in, make_user):
    return sign_in(make_user("engineer"))


def refusal(response):
    return response.status_code, response.json()["code"]


# What it is for


def test_five_clips_bring_false_alarms_of_another_microphone_down(engineer, device):
    clips = make_shifted_clips(range(300, 312))
    assert [analyze(engineer, clip)["label"] for clip in clips].count("NORMAL") < 6
    made = calibrate(engineer, make_shifted_clips(range(320, 325)))
    assert made.status_code == 201, made.json()
    assert [analyze(engineer, clip)["label"] for clip in clips].count("NORMAL") >= 11


def test_the_answer_shows_the_effect_on_the_device(engineer, device, pump_version):
    for clip in make_shifted_clips(range(300, 304)):
        analyze(engineer, clip)
    body = calibrate(engineer, make_shifted_clips(range(320, 325)), why="a new phone").json()
    assert list(body) == ["calibration", "before", "after"]
    assert body["after"]["thresholds"] == body["calibration"]["thresholds"]
    assert body["before"]["thresholds"]["warning"] < body["after"]["thresholds"]["warning"]
    for when in ("before", "after"):
        assert sum(body[when]["history"].values()) == 4
        assert sum(body[when]["clips"].values()) == 5
    assert body["before"]["history"]["NORMAL"] < body["after"]["history"]["NORMAL"]
    assert body["after"]["clips"] == {"NORMAL": 5, "WARNING": 0, "CRITICAL": 0}
    assert (
        body["calibration"] | {"n": 5, "n_groups": 1, "device_id": "pump-07", "why": "a new phone"}
        == (body["calibration"])
    )
    assert {"few_clips", "far_from_training"} <= set(body["calibration"]["notes"])


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "faults may be missed"), ("ko", "고장을 놓칠 수")]
)
def test_what_is_judged_far_from_training_says_that_faults_may_be_missed(
    engineer, device, language, sentence
):
    engineer.credentials(**engineer._credentials, HTTP_ACCEPT_LANGUAGE=language)
    assert sentence not in analyze(engineer, pump(1))["summary"]
    calibrate(engineer, make_shifted_clips(range(320, 325)))
    body = analyze(engineer, make_shifted_clips([340])[0])
    assert body["label"] == "NORMAL"
    assert sentence in body["summary"]


def test_an_analysis_names_the_calibration_of_its_thresholds(engineer, device, pump_version):
    made = calibrate(engineer, make_shifted_clips(range(320, 330))).json()["calibration"]
    body = analyze(engineer, pump(1))
    assert body["calibration"] == {
        name: made[name] for name in ("id", "method", "n", "n_groups", "notes")
    }
    assert body["thresholds"] == made["thresholds"]
    assert "few_clips" not in made["notes"]
    assert Analysis.objects.get().calibration_id == made["id"]
    other = analyze(engineer, pump(1), device_id="")
    assert other["calibration"]["id"] is None
    assert other["thresholds"] != body["thresholds"]


def test_calibration_clips_are_not_stored(engineer, device, media):
    calibrate(engineer, make_shifted_clips(range(320, 325)))
    assert not list((media / "recordings").rglob("*.wav"))
    assert not Analysis.objects.exists()


# After a promotion


@pytest.mark.parametrize(("language", "sentence"), [("en", "another version"), ("ko", "다른 버전")])
def test_a_device_calibration_does_not_apply_to_a_new_version(
    engineer, device, publish, pump_artifact, language, sentence
):
    calibrate(engineer, make_shifted_clips(range(320, 325)))
    assert sentence not in analyze(engineer, pump(1))["summary"]
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact)
    engineer.credentials(**engineer._credentials, HTTP_ACCEPT_LANGUAGE=language)
    body = analyze(engineer, pump(1))
    assert body["calibration"]["id"] is None
    assert "device_calibration_lapsed" in body["calibration"]["notes"]
    assert sentence in body["summary"]


def test_the_old_version_has_its_calibration_when_it_serves_again(
    engineer, device, pump_version, publish, pump_artifact
):
    made = calibrate(engineer, make_shifted_clips(range(320, 325))).json()["calibration"]
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact)
    pump_version.registered_model.serve(pump_version, by=None)
    assert analyze(engineer, pump(1))["calibration"]["id"] == made["id"]


# Undo


def test_undo_goes_back_step_by_step(engineer, device):
    first = calibrate(engineer, make_shifted_clips(range(320, 325))).json()["calibration"]
    second = calibrate(engineer, make_shifted_clips(range(330, 335))).json()["calibration"]
    back = engineer.post(f"{URL}/{second['id']}/undo", {"why": "the wrong pump"}).json()
    assert (back["restores"], back["thresholds"], back["n"]) == (
        first["id"],
        first["thresholds"],
        5,
    )
    assert analyze(engineer, pump(1))["calibration"]["id"] == back["id"]
    none = engineer.post(f"{URL}/{back['id']}/undo").json()
    assert (none["method"], none["thresholds"], none["restores"]) == ("withdrawn", None, None)
    body = analyze(engineer, pump(1))
    assert body["calibration"]["id"] is None
    assert "device_calibration_lapsed" not in body["calibration"]["notes"]
    assert refusal(engineer.post(f"{URL}/{none['id']}/undo")) == (409, "nothing_to_undo")


def test_only_the_newest_calibration_can_be_undone(engineer, device):
    first, second = (
        calibrate(engineer, make_shifted_clips(range(n, n + 5))).json()["calibration"]["id"]
        for n in (320, 330)
    )
    assert refusal(engineer.post(f"{URL}/{first}/undo")) == (409, "calibration_superseded")
    assert engineer.post(f"{URL}/{second}/undo").status_code == 201
    assert refusal(engineer.post(f"{URL}/{second}/undo")) == (409, "calibration_superseded")
    assert refusal(engineer.post(f"{URL}/999/undo")) == (404, "not_found")


def test_a_calibration_after_an_undo_is_undone_to_what_the_undo_brought_back(engineer, device):
    first, second = (
        calibrate(engineer, make_shifted_clips(range(n, n + 5))).json()["calibration"]
        for n in (320, 330)
    )
    engineer.post(f"{URL}/{second['id']}/undo")
    third = calibrate(engineer, make_shifted_clips(range(340, 345))).json()["calibration"]
    assert engineer.post(f"{URL}/{third['id']}/undo").json()["restores"] == first["id"]


def test_they_are_listed_newest_first(engineer, device):
    made = [
        calibrate(engineer, make_shifted_clips(range(n, n + 5))).json()["calibration"]
        for n in (320, 330)
    ]
    assert engineer.get(URL).json() == {"calibrations": made[::-1], "next": None}
    assert engineer.get(URL, {"cursor": made[1]["id"]}).json()["calibrations"] == made[:1]
    assert engineer.get("/api/v1/models/pump_forest/calibrations").json()["calibrations"] == []


# What is refused


def test_a_fault_among_the_clips_is_refused_by_its_number(engineer, device):
    clips = [
        *(pump(seed) for seed in range(300, 304)),
        make_shifted_clips([305], fault=BROKEN_BEARING)[0],
    ]
    response = calibrate(engineer, clips)
    assert refusal(response) == (422, "inconsistent_clips")
    assert "Clip 5" in response.json()["detail"]
    assert list(response.json()["fields"]["files"]) == ["4"]
    assert not CalibrationRecord.objects.exists()


@pytest.mark.parametrize("n_clips", [0, 4, 21])
def test_too_few_or_too_many_clips_are_refused(engineer, device, n_clips):
    assert refusal(calibrate(engineer, [pump(seed, seconds=1.2) for seed in range(n_clips)])) == (
        400,
        "invalid",
    )


def test_one_recording_five_times_is_not_five_clips(engineer, device):
    response = calibrate(engineer, [*make_shifted_clips(range(320, 323)), *[pump(1)] * 2])
    assert refusal(response) == (400, "duplicate_clip")
    assert "are the same recording" in response.json()["detail"]
    assert response.json()["fields"] == {"files": {"4": [response.json()["detail"]]}}


def test_one_recording_in_two_kinds_of_files_is_not_two_clips(engineer, device):
    samples, rate_hz = soundfile.read(BytesIO(pump(1)), dtype="int16")
    flac = BytesIO()
    soundfile.write(flac, samples, rate_hz, format="FLAC")
    response = calibrate(engineer, [*(pump(seed) for seed in range(1, 5)), flac.getvalue()])
    assert refusal(response) == (400, "duplicate_clip")
    assert "Clips 1 and 5 are the same recording" in response.json()["detail"]
    assert not CalibrationRecord.objects.exists()


@pytest.mark.parametrize(
    ("clip", "status", "code"),
    [
        (b"", 422, "empty"),
        (b"not a sound", 415, "unsupported_format"),
        (pump(1)[:3000], 422, "truncated"),
    ],
)
def test_an_unusable_clip_is_named_by_its_number(engineer, device, clip, status, code):
    response = calibrate(engineer, [*make_shifted_clips(range(320, 324)), clip])
    assert refusal(response) == (status, code)
    assert response.json()["detail"].startswith("Clip 5: ")
    assert response.json()["fields"] == {"files": {"4": [response.json()["detail"]]}}
    assert not CalibrationRecord.objects.exists()


def test_all_clips_together_are_bounded(engineer, device, settings):
    settings.MAX_UPLOAD_BYTES = 70_000
    response = calibrate(engineer, make_shifted_clips(range(320, 325)))
    assert refusal(response) == (413, "too_large")
    assert "together" in response.json()["detail"]


def test_unknown_ids_are_not_found(engineer, device):
    assert refusal(calibrate(engineer, [], device="pump-99")) == (404, "not_found")
    clips = make_shifted_clips(range(320, 325))
    assert refusal(calibrate(engineer, clips, model_id="pump_z")) == (404, "unknown_model")
    Device.objects.create(device_id="fan-1", name="Fan", machine_type_id="fan")
    assert refusal(calibrate(engineer, clips, device="fan-1")) == (422, "model_required")


def test_calibrating_a_device_is_for_engineers(api, device, engineer):
    made = calibrate(engineer, make_shifted_clips(range(320, 325))).json()["calibration"]["id"]
    assert calibrate(api, make_shifted_clips(range(320, 325))).status_code == 403
    assert api.post(f"{URL}/{made}/undo").status_code == 403
    assert api.get(URL).status_code == 403


# The arithmetic


@pytest.fixture
def version_scores():
    return Calibration(np.sort(np.random.default_rng(0).normal(10, 1, 60)), 0.05, 6, "conformal")


def test_scores_move_to_a_far_median_and_hardly_to_a_near_one(version_scores):
    near = version_scores.median + np.array([-0.2, -0.1, 0.05, 0.1, 0.2])
    moved = device_calibration.calibrate_device(version_scores, near).median
    assert abs(moved - version_scores.median) < 0.01
    assert device_calibration.calibrate_device(version_scores, near + 20).median == pytest.approx(
        version_scores.median + 20.05, abs=0.3
    )


def test_the_fewer_clips_the_wider(version_scores):
    clips = version_scores.median + 5 + np.tile([-0.5, 0.0, 0.5, 0.1, -0.1], 4)
    few, many = (device_calibration.calibrate_device(version_scores, clips[:n]) for n in (5, 20))
    assert (
        few.warning - few.median
        > many.warning - many.median
        > version_scores.warning - version_scores.median
    )


def test_clips_that_spread_more_spread_the_scores(version_scores):
    clips = version_scores.median + np.array([2.0, 3.0, 5.0, 7.0, 8.0])
    wide = device_calibration.calibrate_device(version_scores, clips)
    narrow = device_calibration.calibrate_device(version_scores, 0.1 * clips + 5)
    assert wide.warning - wide.median > 2 * (narrow.warning - narrow.median)


@pytest.mark.parametrize("odd", [30.0, -30.0])
def test_one_clip_far_from_the_others_on_either_side_is_refused(version_scores, odd):
    with pytest.raises(InconsistentClips, match=r"Clip 3 "):
        device_calibration.calibrate_device(version_scores, np.array([10.0, 10.5, odd, 9.5, 10.2]))


def test_a_rate_of_a_half_calibrates_a_device_too(version_scores):
    half = Calibration(version_scores.scores, 0.5, 6, "conformal")
    assert np.isfinite(
        device_calibration.calibrate_device(half, np.array([9.0, 10.0, 11.0, 10.5, 9.5])).warning
    )


def test_one_clip_that_is_critical_among_normal_ones_is_no_microphone():
    known = Calibration(np.linspace(1, 2, 40) ** 2, 0.05, 5, "held out")
    clips = np.array([1.2, 1.6, 2.4, 3.0, 1.02 * known.critical])
    with pytest.raises(InconsistentClips, match="Clip 5 is CRITICAL to this model"):
        device_calibration.calibrate_device(known, clips)
