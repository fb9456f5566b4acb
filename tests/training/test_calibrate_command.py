"""manage.py calibrate: new thresholds from recordings or for another target rate."""

import io

import pytest
import soundfile
import soxr
from django.core.management import CommandError, call_command

from analysis import pipeline
from analysis.loading import detector_for
from analysis.models import CalibrationRecord
from registry.models import RegisteredModel
from tests.support.calibrated_devices import analyze, make_shifted_clips
from tests.support.pump_sounds import BROKEN_BEARING, pump

pytestmark = pytest.mark.django_db


@pytest.fixture
def new_recordings(tmp_path):
    """Five sessions of the healthy pump that no version of the tests was trained on."""
    for n in range(20):
        (tmp_path / f"take{n // 4}_{n}.wav").write_bytes(pump(400 + n))
    return tmp_path


def run(*options):
    printed = io.StringIO()
    call_command("calibrate", *options, stdout=printed)
    return printed.getvalue()


def test_recordings_calibrate_a_version_that_brought_none(
    sign_in, curator, uncalibrated_version, new_recordings
):
    run("pump_forest", f"--data_dir={new_recordings}")
    said = analyze(sign_in(curator), pump(1), device_id="")
    assert (said["calibration"]["n"], said["label"]) == (20, "NORMAL")
    assert CalibrationRecord.objects.get().target_rate == 0.05


def test_a_folder_calibrates_the_serving_version(pump_version, new_recordings):
    printed = run(
        "pump_forest", f"--data_dir={new_recordings}", r"--group_by=take\d", "--why=a new hall"
    )
    row = CalibrationRecord.objects.get()
    assert (row.version, row.device, row.n, row.n_groups, row.why) == (
        pump_version,
        None,
        20,
        5,
        "a new hall",
    )
    assert row.target_rate == detector_for(pump_version).calibration.target_false_alarm_rate
    assert row.notes == ["extrapolated"]
    artifact = detector_for(pump_version)
    waveform = pipeline.decode((new_recordings / "take0_0.wav").read_bytes()).waveform
    assert artifact.compute_anomaly_score(waveform) in row.scores
    assert f"{row.warning:.4g}" in printed


def test_without_sessions_it_says_few_takes(pump_version, new_recordings):
    printed = run(
        "pump_forest",
        f"--data-dir={new_recordings}",
        "--target-false-alarm-rate=0.1",
        "--group_by=",
    )
    assert "few_takes" in printed
    assert CalibrationRecord.objects.get().target_rate == 0.1


def test_an_outlier_may_leave_too_few(pump_version, new_recordings):
    (new_recordings / "take0_0.wav").write_bytes(make_shifted_clips([77])[0])
    with pytest.raises(CommandError, match="19 different usable recordings"):
        run("pump_forest", f"--data_dir={new_recordings}")


def test_sessions_named_otherwise_than_in_training_are_found(
    pump_version, publish, pump_artifact, new_recordings
):
    by_day = {"parameters": {"group_by": r"\d{8}"}}
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact, **by_day)
    assert "few_takes" not in run("pump_forest", f"--data-dir={new_recordings}")
    assert CalibrationRecord.objects.get().n_groups == 5


def test_what_changes_is_shown(pump_version, new_recordings):
    own = detector_for(pump_version).calibration
    printed = run("pump_forest", f"--data_dir={new_recordings}")
    row = CalibrationRecord.objects.get()
    assert f"{row.warning:.4g}, before {own.warning:.4g}" in printed
    assert "0.05, before 0.05" in printed
    assert "These clips, before" in printed
    assert "20 NORMAL, 0 WARNING, 0 CRITICAL" in printed


@pytest.fixture
def faulty_recordings(tmp_path):
    """Five sessions of the pump with a broken bearing."""
    for n in range(20):
        (tmp_path / f"take{n // 4}_{n}.wav").write_bytes(pump(400 + n, fault=BROKEN_BEARING))
    return tmp_path


def test_a_folder_that_is_critical_calibrates_only_where_it_is_said_to_be_healthy(
    pump_version, faulty_recordings
):
    with pytest.raises(
        CommandError, match=r"20 of 20 recordings raise an alarm by .*from a faulty machine"
    ):
        run("pump_forest", f"--data_dir={faulty_recordings}")
    assert not CalibrationRecord.objects.exists()
    run("pump_forest", f"--data_dir={faulty_recordings}", "--far_from_training")
    assert "far_from_training" in CalibrationRecord.objects.get().notes


def test_faults_among_the_recordings_are_left_out_and_many_refuse_the_folder(
    pump_version, new_recordings
):
    for n in range(3):
        (new_recordings / f"take5_{n}.wav").write_bytes(pump(500 + n, fault=BROKEN_BEARING))
    printed = run("pump_forest", f"--data_dir={new_recordings}", "--keep_outliers")
    names = "take5_0.wav, take5_1.wav, take5_2.wav"
    found = f"3 of 23 recordings raise an alarm by the training's calibration ({names})"
    assert found in printed
    assert "Left out as CRITICAL: 3." in printed
    assert CalibrationRecord.objects.get().n == 20
    for n in range(3, 8):
        (new_recordings / f"take5_{n}.wav").write_bytes(pump(500 + n, fault=BROKEN_BEARING))
    with pytest.raises(
        CommandError, match="8 of 28 recordings raise an alarm by the training's calibration"
    ):
        run("pump_forest", f"--data_dir={new_recordings}", "--keep_outliers")


def test_a_calibration_far_from_training_does_not_let_the_next_one_in(
    pump_version, faulty_recordings
):
    run("pump_forest", f"--data_dir={faulty_recordings}", "--far_from_training")
    with pytest.raises(
        CommandError, match="20 of 20 recordings raise an alarm by the training's calibration"
    ):
        run("pump_forest", f"--data_dir={faulty_recordings}")


def test_many_outliers_refuse_the_folder(pump_version, new_recordings):
    for n in range(4):
        (new_recordings / f"take5_{n}.wav").write_bytes(make_shifted_clips([70 + n])[0])
    with pytest.raises(CommandError, match="4 of 24 recordings are unlike the others"):
        run("pump_forest", f"--data_dir={new_recordings}")
    assert not CalibrationRecord.objects.exists()


def test_recordings_that_cannot_be_analysed_do_not_calibrate(pump_version, new_recordings):
    narrow = soxr.resample(soundfile.read(new_recordings / "take0_0.wav")[0], 16_000, 8_000)
    soundfile.write(new_recordings / "take0_phone.wav", narrow, 8_000)
    printed = run("pump_forest", f"--data_dir={new_recordings}")
    assert "take0_phone.wav is not used: The recording has sound up to 4.0 kHz only" in printed
    assert CalibrationRecord.objects.get().n == 20


def test_an_outlier_does_not_calibrate(pump_version, new_recordings):
    (new_recordings / "take2_dog.wav").write_bytes(make_shifted_clips([77])[0])
    printed = run("pump_forest", f"--data_dir={new_recordings}")
    assert "take2_dog.wav sounds unlike the others" in printed
    assert CalibrationRecord.objects.get().n == 20
    run("pump_forest", f"--data_dir={new_recordings}", "--keep_outliers", "--far_from_training")
    assert CalibrationRecord.objects.latest("pk").n == 21


def test_sessions_are_found_as_in_training(pump_version, publish, pump_artifact, new_recordings):
    by_take = {"parameters": {"group_by": r"take\d+"}}
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact, **by_take)
    assert "few_takes" not in run("pump_forest", f"--data-dir={new_recordings}")
    assert CalibrationRecord.objects.get().n_groups == 5


def test_a_version_is_named_by_its_number(pump_version, publish, pump_artifact):
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact)
    run("pump_forest@1", "--target_false_alarm_rate=0.1")
    row = CalibrationRecord.objects.get()
    assert (row.version, row.scores) == (
        pump_version,
        detector_for(pump_version).calibration.scores.tolist(),
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Give recordings to calibrate on"),
        (["--target_false_alarm_rate=0"], "must be 0.001 to 0.5"),
        (["--target_false_alarm_rate=0.0009"], "must be 0.001 to 0.5"),
        (["--target_false_alarm_rate=0.6"], "must be 0.001 to 0.5"),
        (["--target_false_alarm_rate=nan"], "must be 0.001 to 0.5"),
        (["--data_dir=no/such/folder"], "There is no folder"),
        (["--target_false_alarm_rate=0.1", "--why=" + "x" * 501], "at most 500"),
    ],
)
def test_what_makes_no_sense_is_refused(pump_version, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("pump_forest", *options)
    assert not CalibrationRecord.objects.exists()


def test_too_few_or_copied_recordings_are_refused(pump_version, new_recordings):
    (new_recordings / "take0_0.wav").write_bytes((new_recordings / "take0_1.wav").read_bytes())
    with pytest.raises(CommandError, match="19 different usable recordings"):
        run("pump_forest", f"--data_dir={new_recordings}")
    assert not CalibrationRecord.objects.exists()


def test_a_copy_in_another_container_does_not_count(pump_version, new_recordings):
    for n in range(10):
        sound, rate_hz = soundfile.read(next(new_recordings.glob(f"take*_{n}.wav")))
        soundfile.write(new_recordings / f"copy_{n}.flac", sound, rate_hz)
    assert "10 are copies" in run("pump_forest", f"--data_dir={new_recordings}")
    assert CalibrationRecord.objects.get().n == 20


def test_an_unusable_file_is_reported_and_strictly_refused(pump_version, new_recordings):
    (new_recordings / "zz.wav").write_bytes(b"no sound")
    with pytest.raises(CommandError, match="1 of 21 files cannot be used"):
        run("pump_forest", f"--data_dir={new_recordings}", "--strict")
    assert "zz.wav" in run("pump_forest", f"--data_dir={new_recordings}")


def test_training_recordings_do_not_calibrate(train, recordings, new_recordings):
    train()
    model_id = RegisteredModel.objects.get().pk
    with pytest.raises(CommandError, match="used to train"):
        run(model_id, f"--data_dir={recordings / 'train_normal'}")
    sound, rate_hz = soundfile.read(recordings / "train_normal" / "take1_4.wav")
    soundfile.write(new_recordings / "take0_another_name.flac", sound, rate_hz)
    with pytest.raises(CommandError, match=r"used to train .*, such as take0_another_name\.flac"):
        run(model_id, f"--data_dir={new_recordings}")
