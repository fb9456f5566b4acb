"""manage.py analyze: any folder into a CSV file, however often it is stopped."""

import csv
import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from analysis import loading, pipeline
from analysis.models import Analysis, CalibrationRecord, Device, Recording
from registry.errors import ArtifactCorrupt
from tests.support.pump_sounds import BROKEN_BEARING, pump

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "july"
    (folder / "faulty").mkdir(parents=True)
    (folder / "a.wav").write_bytes(pump(1))
    (folder / "b.WAV").write_bytes(pump(2))
    (folder / "faulty" / "c.wav").write_bytes(pump(3, fault=BROKEN_BEARING))
    (folder / "notes.txt").write_text("not a recording, and not named like one")
    return folder


@pytest.fixture
def sheet(tmp_path):
    return tmp_path / "july.csv"


@pytest.fixture
def computed(monkeypatch):
    """The calls of the pipeline."""
    calls = []
    compute_analysis = pipeline.compute_analysis
    monkeypatch.setattr(
        pipeline,
        "compute_analysis",
        lambda content, **options: calls.append(content) or compute_analysis(content, **options),
    )
    return calls


def analyze(folder, sheet, *options, model_id="pump_forest"):
    out = StringIO()
    call_command(
        "analyze", str(folder), f"--model_id={model_id}", f"--csv={sheet}", *options, stdout=out
    )
    return out.getvalue()


def rows(sheet):
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def files(sheet):
    return [row["file"] for row in rows(sheet)]


# What is written


def test_every_recording_gets_the_row_that_the_api_would_have_answered(
    folder, sheet, pump_version, field_engineer
):
    analyze(folder, sheet)
    assert files(sheet) == ["a.wav", "b.WAV", "faulty/c.wav"]
    for row in rows(sheet):
        analysis = pipeline.analyze(
            (folder / row["file"]).read_bytes(), user=field_engineer, model_id="pump_forest"
        )
        assert float(row["anomaly_score"]) == analysis.anomaly_score
        assert float(row["p_value"]) == analysis.p_value
        assert float(row["warning"]) == analysis.warning_threshold
        assert (row["label"], row["sha256"]) == (analysis.label, analysis.recording.sha256)
        assert (row["model_id"], row["version"], row["code"]) == ("pump_forest", "1", "")
    assert rows(sheet)[2]["label"] in {"WARNING", "CRITICAL"}


def test_nothing_is_stored_but_the_sheet(folder, sheet, pump_version):
    analyze(folder, sheet)
    assert not Analysis.objects.exists()
    assert not Recording.objects.exists()
    assert {row["analysis_id"] for row in rows(sheet)} == {""}


def test_bad_files_are_listed_with_their_code_and_skipped(folder, sheet, pump_version):
    (folder / "aa.wav").write_bytes(b"not audio")
    (folder / "empty.flac").write_bytes(b"")
    (folder / "short.wav").write_bytes(pump(seconds=0.3))
    printed = analyze(folder, sheet)
    codes = {row["file"]: row["code"] for row in rows(sheet) if row["code"]}
    assert codes == {
        "aa.wav": "unsupported_format",
        "empty.flac": "empty",
        "short.wav": "recording_too_short",
    }
    assert len(rows(sheet)) == 6
    assert all(row["label"] == "" and row["detail"] for row in rows(sheet) if row["code"])
    assert all(f"{file}: {code}. " in printed for file, code in codes.items())


def test_a_file_that_is_too_large_or_cannot_be_read_is_one_of_them(
    folder, sheet, pump_version, settings, monkeypatch
):
    settings.MAX_UPLOAD_BYTES = len(pump(1))
    (folder / "large.wav").write_bytes(pump(1) + b"x")
    unreadable = folder / "a.wav"
    read = Path.open

    def refuse(path, *args, **kwargs):
        if path == unreadable:
            raise PermissionError(13, "Permission denied")
        return read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    analyze(folder, sheet)
    codes = {row["file"]: row["code"] for row in rows(sheet)}
    assert codes == {
        "a.wav": "undecodable_audio",
        "b.WAV": "",
        "faulty/c.wav": "",
        "large.wav": "too_large",
    }


def test_the_summary_counts(folder, sheet, pump_version):
    (folder / "bad.wav").write_bytes(b"not audio")
    printed = analyze(folder, sheet)
    assert "pump_forest v1" in printed
    assert str(sheet) in printed
    body = json.loads(analyze(folder, sheet, "--json"))
    assert (body["files"], body["analysed"], body["already_there"]) == (4, 0, 3)
    assert (body["model_id"], body["version"], body["csv"]) == ("pump_forest", 1, str(sheet))
    assert [each["file"] for each in body["refused"]] == ["bad.wav"]
    assert sum(body["labels"].values()) == 3


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_any_name_of_a_file_can_be_written_and_found_again(folder, sheet, pump_version, computed):
    for name in (
        b'=1+1, "quoted".wav',
        b"two\nlines.wav",
        b"\xff\xfe.wav",
        "펌프\u2028.wav".encode(),
    ):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(pump(1))
    analyze(folder, sheet)
    assert len(rows(sheet)) == len(computed) == 7
    analyze(folder, sheet)
    assert len(computed) == 7


# Going on


def test_what_is_judged_already_is_left_alone(folder, sheet, pump_version, computed):
    analyze(folder, sheet)
    first = sheet.read_bytes()
    analyze(folder, sheet)
    assert len(computed) == 3
    assert sheet.read_bytes() == first


def test_a_file_that_changed_or_came_is_judged(folder, sheet, pump_version, computed):
    analyze(folder, sheet)
    (folder / "a.wav").write_bytes(pump(7))
    (folder / "d.wav").write_bytes(pump(8))
    analyze(folder, sheet)
    assert computed[3:] == [pump(7), pump(8)]
    assert files(sheet) == ["a.wav", "b.WAV", "d.wav", "faulty/c.wav"]


def test_another_version_judges_everything_again(
    folder, sheet, pump_version, computed, publish, pump_artifact
):
    analyze(folder, sheet)
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact)
    analyze(folder, sheet)
    assert len(computed) == 6
    assert {row["version"] for row in rows(sheet)} == {"2"}


def test_another_calibration_judges_everything_again(folder, sheet, pump_version, computed):
    analyze(folder, sheet)
    calibration = CalibrationRecord.record(
        loading.detector_for(pump_version).calibration, version=pump_version, by=None
    )
    analyze(folder, sheet)
    assert len(computed) == 6
    assert {row["calibration"] for row in rows(sheet)} == {str(calibration.pk)}
    analyze(folder, sheet)
    assert len(computed) == 6


def test_another_model_has_rows_of_its_own(folder, sheet, pump_version, publish, pump_artifact):
    analyze(folder, sheet)
    publish("other", type="level1_isolation_forest", content=pump_artifact)
    analyze(folder, sheet, model_id="other")
    assert [row["model_id"] for row in rows(sheet)] == ["other", "pump_forest"] * 3


def test_a_refused_file_is_tried_again(folder, sheet, pump_version, settings):
    settings.MAX_RECORDING_SECONDS = 1.5
    analyze(folder, sheet)
    assert {row["code"] for row in rows(sheet)} == {"recording_too_long"}
    settings.MAX_RECORDING_SECONDS = 10
    analyze(folder, sheet)
    assert {row["code"] for row in rows(sheet)} == {""}


def test_a_stopped_run_goes_on_where_it_was(folder, sheet, pump_version, monkeypatch):
    compute_analysis = pipeline.compute_analysis
    calls = []

    def stop_at_the_second(content, **options):
        calls.append(content)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return compute_analysis(content, **options)

    monkeypatch.setattr(pipeline, "compute_analysis", stop_at_the_second)
    with pytest.raises(CommandError, match="to continue") as stopped:
        analyze(folder, sheet)
    assert stopped.value.returncode == 130
    assert files(sheet) == ["a.wav"]
    analyze(folder, sheet)
    assert calls[2:] == [pump(2), pump(3, fault=BROKEN_BEARING)]
    assert len(rows(sheet)) == 3


@pytest.mark.parametrize("n_bytes", [1, 50, 100])
def test_a_run_that_was_killed_while_it_wrote_loses_no_whole_row(
    folder, sheet, pump_version, computed, n_bytes
):
    analyze(folder, sheet)
    whole = sheet.read_bytes()
    sheet.write_bytes(whole[:-n_bytes])
    analyze(folder, sheet)
    assert sheet.read_bytes().split(b"\n")[0:2] == whole.split(b"\n")[0:2]
    assert len(rows(sheet)) == 3
    assert len(computed) < 6


def test_rows_are_written_as_they_are_known(folder, sheet, pump_version, monkeypatch):
    compute_analysis = pipeline.compute_analysis
    seen = []
    monkeypatch.setattr(
        pipeline,
        "compute_analysis",
        lambda *args, **options: (
            seen.append(len(rows(sheet))) or compute_analysis(*args, **options)
        ),
    )
    analyze(folder, sheet)
    assert seen == [0, 1, 2]


def test_the_row_of_a_missing_file_stays(folder, sheet, pump_version):
    analyze(folder, sheet)
    (folder / "a.wav").unlink()
    analyze(folder, sheet)
    assert files(sheet) == ["a.wav", "b.WAV", "faulty/c.wav"]


# Storing


def test_with_a_user_each_analysis_is_stored_once(folder, sheet, pump_version, field_engineer):
    Device.objects.create(device_id="pump-07", name="Pump 7", machine_type_id="pump")
    options = ("--user=Field.Engineer@plant.example", "--device_id=pump-07")
    analyze(folder, sheet, *options)
    stored = {str(analysis.pk): analysis for analysis in Analysis.objects.all()}
    assert [stored[row["analysis_id"]].recording.original_name for row in rows(sheet)] == [
        "a.wav",
        "b.WAV",
        "c.wav",
    ]
    assert {(each.owner, each.device.device_id) for each in stored.values()} == {
        (field_engineer, "pump-07")
    }
    first = sheet.read_bytes()
    sheet.unlink()  # as if each run had been killed before it wrote
    analyze(folder, sheet, *options)
    assert sheet.read_bytes() == first
    assert Analysis.objects.count() == Recording.objects.count() == 3
    assert (
        len([each for each in Path(storages["recordings"].location).rglob("*") if each.is_file()])
        == 3
    )


def test_rows_that_were_not_stored_are_when_a_user_wants_them(
    folder, sheet, pump_version, field_engineer
):
    analyze(folder, sheet)
    analyze(folder, sheet, f"--user={field_engineer.email}")
    assert Analysis.objects.count() == 3
    assert all(row["analysis_id"] for row in rows(sheet))


# What is refused


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model_id=nobody"], "no model 'nobody'"),
        (["--device_id=nowhere"], "no device"),
        (["--user=nobody@plant.example"], "no user"),
        (["--csv=/nowhere/july.csv"], "cannot be written"),
        (["--csv=/"], "cannot be read"),
    ],
)
def test_what_does_not_exist_is_named_before_anything_is_judged(
    folder, sheet, pump_version, computed, options, sentence
):
    with pytest.raises(CommandError, match=sentence):
        analyze(folder, sheet, *options)
    assert not computed
    assert not sheet.exists()


def test_a_folder_without_recordings_is_named(tmp_path, sheet, pump_version):
    with pytest.raises(CommandError, match="no folder"):
        analyze(tmp_path / "nowhere", sheet)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(CommandError, match="no recordings"):
        analyze(tmp_path / "nothing", sheet)


@pytest.mark.parametrize("content", [b"name,wage\nkim,1\n", b"half a line", b"\xff\xfe\x00", b"\n"])
def test_a_file_of_somebody_elses_is_left_alone(folder, sheet, pump_version, content):
    sheet.write_bytes(content)
    with pytest.raises(CommandError, match=r"Choose another file|as a CSV"):
        analyze(folder, sheet)
    assert sheet.read_bytes() == content


def test_a_failing_model_ends_the_run_and_leaves_the_rows_before(
    folder, sheet, pump_version, monkeypatch
):
    compute_analysis = pipeline.compute_analysis
    calls = []

    def fail_at_the_second(content, **options):
        calls.append(content)
        if len(calls) == 2:
            raise ArtifactCorrupt(
                "The serving file of pump_forest v1 is not the one that was published."
            )
        return compute_analysis(content, **options)

    monkeypatch.setattr(pipeline, "compute_analysis", fail_at_the_second)
    with pytest.raises(CommandError, match="not the one that was published"):
        analyze(folder, sheet)
    assert files(sheet) == ["a.wav"]
    assert [path.name for path in sheet.parent.glob(".*")] == []


def test_every_entry_is_in_the_sums(folder, sheet, pump_version):
    (folder / "gone.wav").symlink_to(folder / "nowhere.wav")
    (folder / "d.oga").write_bytes(b"no sound")
    summary = json.loads(analyze(folder, sheet, "--json"))
    refused = {each["file"]: each["code"] for each in summary["refused"]}
    assert refused == {"d.oga": "unsupported_format", "gone.wav": "unreadable"}
    assert summary["not_recordings"] == {".txt": 1}
    n_entries = summary["analysed"] + len(refused) + sum(summary["not_recordings"].values())
    assert n_entries == len([path for path in folder.rglob("*") if not path.is_dir()])


def test_the_sheet_opens_safely_in_a_spreadsheet(folder, sheet, pump_version, computed):
    (folder / "=1+1.wav").write_bytes(pump(5))
    (folder / "'=2.wav").write_bytes(pump(6))
    analyze(folder, sheet)
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbffile,")
    names = [row["file"] for row in rows(sheet)]
    assert "'=1+1.wav" in names
    assert not any(cell.startswith("=") for row in rows(sheet) for cell in row.values())
    n_computed = len(computed)
    before = sheet.read_bytes()
    analyze(folder, sheet)
    assert len(computed) == n_computed  # the names were read back as they are
    assert sheet.read_bytes() == before
