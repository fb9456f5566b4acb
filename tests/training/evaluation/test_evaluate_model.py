"""evaluate_model as a person runs it: metrics, what is stored, and what it refuses."""

import io
import json
import re

import pytest
import soundfile
import soxr
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core.errors import RowIsImmutable
from registry.models import ModelVersion, RegisteredModel
from tests.support.pump_sounds import BROKEN_BEARING, pump
from training.demo_sounds import PUMP
from training.evaluation import intervals
from training.models import Evaluation

pytestmark = pytest.mark.django_db
FIGURES = (
    "auc",
    "pauc",
    "false_alarm_rate",
    "detection_rate",
    "critical_false_alarm_rate",
    "critical_detection_rate",
)
LIST = "/admin/training/evaluation/"
LEAK = PUMP.faults[1]


def write(folder, clips):
    for name, content in clips.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def sessions(seed, *, prefix="", n=12, fault=None):
    """So many clips, three a session, by name."""
    return {
        f"{prefix}take{i // 3}_{i:02}.wav": pump(seed + i, fault=fault, seconds=1.5)
        for i in range(n)
    }


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    """Resample a tenth as often: what is kept and refused does not depend on it."""
    monkeypatch.setattr(intervals, "N_RESAMPLES", intervals.N_RESAMPLES // 10)


@pytest.fixture(scope="session")
def sounds(tmp_path_factory):
    """Twelve healthy clips in four sessions, and twelve of each of two faults."""
    folder = tmp_path_factory.mktemp("sounds")
    write(folder / "normal", sessions(500))
    write(folder / "abnormal", sessions(600, prefix="bearing/", fault=BROKEN_BEARING))
    write(folder / "abnormal", sessions(700, prefix="leak/", fault=LEAK))
    return folder


@pytest.fixture
def evaluate(sounds):
    """Run the command; returns what it printed."""

    def run(name="pump_forest", **options):
        given = {"test_normal": sounds / "normal", "test_abnormal": sounds / "abnormal"} | options
        printed = io.StringIO()
        values = [f"--{option}={value}" for option, value in given.items() if value is not None]
        call_command("evaluate_model", name, *values, stdout=printed)
        return printed.getvalue()

    return run


@pytest.fixture
def metrics(pump_version, evaluate):
    """What is stored of an evaluation by session."""
    evaluate(group_by=r"take\d+")
    return Evaluation.objects.get().metrics


def test_what_would_not_be_analysed_is_left_out(pump_version, evaluate, tmp_path):
    folder = tmp_path / "normal"
    write(folder, sessions(500))
    for path in sorted(folder.iterdir())[:6]:
        soundfile.write(path, soxr.resample(soundfile.read(path)[0], 16_000, 8_000), 8_000)
    printed = evaluate(test_normal=folder)
    assert "take0_00.wav is not used: The recording has sound up to 4.0 kHz only" in printed
    assert Evaluation.objects.get().metrics["clips"]["normal"] == 6
    for path in sorted(folder.iterdir())[6:]:
        path.unlink()
    with pytest.raises(CommandError, match="pump_forest v1 can analyse none of the recordings"):
        evaluate(test_normal=folder)


def test_a_row_stores_the_metrics_and_the_folders(pump_version, evaluate, sounds):
    printed = evaluate(group_by=r"take\d+")
    evaluation = Evaluation.objects.get()
    assert evaluation.version == pump_version
    assert evaluation.normal_path == str(sounds / "normal")
    assert re.fullmatch(r"[0-9a-f]{64}", evaluation.normal_fingerprint)
    assert evaluation.normal_fingerprint != evaluation.abnormal_fingerprint
    assert f"{evaluation.metrics['auc']['value']:.3f}" in printed
    assert f"Stored pump_forest v1 evaluation {evaluation.pk}" in printed


def test_every_figure_lies_in_its_interval(metrics):
    assert metrics["clips"] == {"normal": 12, "abnormal": 24}
    assert metrics["takes"] == {"normal": 4, "abnormal": 4}
    assert metrics["auc"]["value"] > 0.8
    for name in FIGURES:
        figure = metrics[name]
        if figure["low"] is not None:
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
    assert metrics["false_alarm_rate"]["low"] < metrics["false_alarm_rate"]["high"]
    assert metrics["thresholds"]["warning"] < metrics["thresholds"]["critical"]


def test_every_kind_of_fault_has_figures_of_its_own(metrics):
    assert list(metrics["kinds"]) == ["bearing", "leak"]
    assert [of_kind["clips"]["abnormal"] for of_kind in metrics["kinds"].values()] == [12, 12]
    mean = sum(of_kind["auc"]["value"] for of_kind in metrics["kinds"].values()) / 2
    assert mean == pytest.approx(metrics["auc"]["value"])


def test_the_file_has_every_clip(pump_version, evaluate, tmp_path):
    evaluate(group_by=r"take\d+", json=tmp_path / "figures.json")
    document = json.loads((tmp_path / "figures.json").read_text())
    assert (document["model_id"], document["version"]) == ("pump_forest", 1)
    assert document["metrics"] == Evaluation.objects.get().metrics
    assert len(document["clips"]) == 36
    alarms = [clip["label"] != "NORMAL" for clip in document["clips"] if clip["part"] == "normal"]
    assert sum(alarms) / 12 == pytest.approx(document["metrics"]["false_alarm_rate"]["value"])
    clip = document["clips"][-1]
    assert (clip["name"], clip["take"], clip["kind"]) == ("leak/take3_11.wav", "take3", "leak")
    assert 0 < clip["p_value"] <= 1


def test_plots_are_written(pump_version, evaluate, tmp_path):
    evaluate(plots=tmp_path / "deep" / "plots")
    for name in ("scores", "roc", "reliability"):
        with Image.open(tmp_path / "deep" / "plots" / f"{name}.png") as image:
            assert image.format == "PNG"
            assert len(image.getcolors(maxcolors=1 << 20)) > 10


def test_the_number_names_a_version_that_does_not_serve(
    pump_version, publish, pump_artifact, evaluate
):
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact)
    evaluate("pump_forest@1")
    evaluate("pump_forest")
    assert [evaluation.version.number for evaluation in Evaluation.objects.order_by("pk")] == [1, 2]


def test_a_model_that_is_not_active_can_be_evaluated(pump_version, evaluate):
    pump_version.registered_model.deactivate(by=None)
    evaluate()
    assert Evaluation.objects.exists()


def test_without_sessions_the_intervals_have_a_caveat(pump_version, evaluate):
    printed = evaluate(group_by="")
    assert "Fewer than three recording sessions were found" in printed
    assert "in the names of the normal and abnormal clips" in printed
    assert Evaluation.objects.get().metrics["takes"] == {"normal": None, "abnormal": None}


def test_sessions_are_found_as_in_training(publish, pump_artifact, evaluate):
    publish("pump_forest", content=pump_artifact, parameters={"group_by": r"take\d+"})
    evaluate()
    assert Evaluation.objects.get().metrics["takes"] == {"normal": 4, "abnormal": 4}


def test_few_clips_have_no_interval(pump_version, evaluate, tmp_path):
    write(tmp_path / "few", sessions(600, n=3, fault=BROKEN_BEARING))
    printed = evaluate(test_abnormal=tmp_path / "few")
    assert "Only 3 abnormal clips" in printed
    assert "(no interval)" in printed
    metrics = Evaluation.objects.get().metrics
    assert metrics["auc"]["low"] is metrics["detection_rate"]["high"] is None
    assert metrics["false_alarm_rate"]["low"] is not None


def test_the_evaluation_is_stored_where_a_plot_cannot_be_written(pump_version, evaluate, tmp_path):
    (tmp_path / "roc.png").mkdir()
    with pytest.raises(
        CommandError,
        match=r"evaluation \d+ is stored, but .*roc.png cannot be written: Is a directory",
    ):
        evaluate(plots=tmp_path)
    assert Evaluation.objects.exists()


def refuse(evaluate, sentence, name="pump_forest", **options):
    with pytest.raises(CommandError, match=sentence):
        evaluate(name, **options)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"name": "nobody"}, "There is no model 'nobody'"),
        ({"name": "pump_forest@7"}, "has no version '7'"),
        ({"name": "pump_forest@"}, "has no version ''"),
        ({"name": "pump_forest@-1"}, "has no version '-1'"),
        ({"name": "pump_forest@" + "9" * 5000}, "has no version"),
        ({"test_normal": "/nowhere"}, "There is no folder /nowhere"),
        ({"test_abnormal": "/nowhere"}, "There is no folder /nowhere"),
        ({"test_abnormal": "~nobody-of-this-name/x"}, "names no folder"),
        ({"group_by": "("}, "regular expression"),
        ({"group_by": r"day\d"}, "found in no file name, such as take0_00.wav"),
        ({"csv_sample_rate": 10**12}, "--csv_sample_rate"),
        ({"json": "/nowhere/at/all.json"}, "--json"),
        ({"json": "x" * 5000}, "Nothing can be written to x.*: File name too long"),
        ({"plots": "/dev/null/plots"}, "Nothing can be written to /dev/null"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(pump_version, evaluate, options, sentence):
    refuse(evaluate, sentence, **options)


def test_a_model_without_a_serving_version_is_refused(publish, evaluate):
    publish("pump_forest", serve=False)
    refuse(evaluate, "has no serving version")


def test_an_empty_folder_is_no_data(pump_version, evaluate, tmp_path):
    (tmp_path / "empty").mkdir()
    refuse(evaluate, "There are no recordings", test_normal=tmp_path / "empty")


def test_too_many_unusable_files_are_refused_and_a_few_are_named(pump_version, evaluate, tmp_path):
    write(tmp_path / "spoilt", sessions(500) | {"bad.wav": b"not a recording"})
    assert "bad.wav" in evaluate(test_normal=tmp_path / "spoilt")
    write(tmp_path / "spoilt", {f"bad{i}.wav": b"not a recording" for i in range(4)})
    with pytest.raises(CommandError, match="5 of 17 files cannot be used"):
        evaluate(test_normal=tmp_path / "spoilt")
    assert Evaluation.objects.count() == 1


def test_what_is_called_both_normal_and_abnormal_is_refused(pump_version, evaluate, sounds):
    refuse(evaluate, "both normal and abnormal", test_abnormal=sounds / "normal")


def test_recordings_that_it_was_trained_on_are_refused_under_any_name(
    train, recordings, evaluate, tmp_path
):
    train("train_if", model_id="pump_forest")
    learnt = next((recordings / "train_normal").iterdir()).read_bytes()
    write(tmp_path / "mixed", sessions(500) | {"innocent.wav": learnt})
    refuse(
        evaluate,
        "1 of the 13 recordings in .* was used to train pump_forest v1, such as innocent.wav",
        test_normal=tmp_path / "mixed",
    )
    refuse(
        evaluate,
        "used to train .* Evaluate on recordings it has not heard",
        test_abnormal=recordings / "train_normal",
    )
    evaluate()
    assert "trained on" not in " ".join(Evaluation.objects.get().metrics["warnings"])


def test_the_training_folder_of_an_older_version_is_recognised(
    publish, pump_artifact, evaluate, sounds
):
    publish("pump_forest", content=pump_artifact, dataset_path=str(sounds / "normal"))
    assert "pump_forest v1 was trained on the folder" in evaluate()
    fingerprint = Evaluation.objects.get().normal_fingerprint
    publish("pump_forest", content=pump_artifact, dataset_fingerprint=fingerprint)
    with pytest.raises(CommandError, match="were used to train pump_forest v2"):
        evaluate()
    assert "did not keep which recordings" in evaluate(
        test_normal=sounds / "abnormal" / "leak", test_abnormal=sounds / "abnormal" / "bearing"
    )


def test_an_evaluation_is_written_once(metrics):
    evaluation = Evaluation.objects.get()
    with pytest.raises(RowIsImmutable):
        evaluation.save()
    with pytest.raises(RowIsImmutable):
        evaluation.delete()
    with pytest.raises(RowIsImmutable):
        Evaluation.objects.all().delete()


@pytest.fixture
def desk(client, curator):
    """A browser at which a curator sits."""
    client.force_login(curator)
    return client


def test_admin_shows_the_figures_of_one(desk, metrics):
    page = desk.get(f"{LIST}{Evaluation.objects.get().pk}/change/").content.decode()
    assert "Detection at WARNING" in page
    assert "bearing: AUC" in page
    assert f"{metrics['auc']['value']:.3f}" in page


def test_the_list_can_be_narrowed_to_a_model(desk, metrics, publish):
    other = publish("fan_a", machine_type="fan")
    like = Evaluation.objects.get()
    columns = {name: getattr(like, name) for name in ("normal_path", "abnormal_path", "metrics")}
    Evaluation.objects.create(version=other, **columns)
    assert "fan_a v1" in desk.get(LIST).content.decode()
    narrowed = desk.get(
        LIST, {"version__registered_model__id__exact": "pump_forest"}
    ).content.decode()
    assert "pump_forest v1" in narrowed
    assert "fan_a v1" not in narrowed


def test_the_list_asks_a_constant_number_of_questions(desk, metrics):
    like = Evaluation.objects.get()
    counts = []
    for n_more in (0, 9):
        for _ in range(n_more):
            Evaluation.objects.create(version=like.version, metrics=like.metrics)
        with CaptureQueriesContext(connection) as queries:
            desk.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_evaluations_are_not_added_changed_or_deleted_by_hand(desk, metrics):
    pk = Evaluation.objects.get().pk
    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.post(f"{LIST}{pk}/delete/").status_code == 403
    assert desk.post(f"{LIST}{pk}/change/", {"normal_path": "x"}).status_code == 403
    assert ModelVersion.objects.count() == RegisteredModel.objects.count() == 1
