"""The main job on real recordings: train by command, analyse all test clips by API, compare."""

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from rich.console import Console
from rich.table import Table
from sklearn.metrics import roc_auc_score

from benchmarks.support.levels import find_sets, list_levels, list_recordings, train
from benchmarks.support.sandbox import open_sandbox
from benchmarks.support.transcoding import LOSSLESS, LOSSY, transcode

if TYPE_CHECKING:
    from rest_framework.test import APIClient

FORMS = (*LOSSLESS, *LOSSY)
TEST_PARTS = ("test_normal", "test_abnormal")

Analyses = list[dict[str, Any]]


def main() -> None:
    """Print one table of detection and one of formats."""
    options = parse_options()
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    detection = make_detection_table()
    formats = make_formats_table()
    with open_sandbox() as client:
        for folder in find_sets(options.data, options.sets):
            for level in list_levels():
                for seed in options.seeds:
                    model_id = train(folder, level, seed, groups.get(folder.name))
                    report_detection(client, folder, level, seed, model_id, detection)
                report_formats(client, folder, level, model_id, formats)
    console = Console(width=160)
    console.print(detection, formats)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of sets")
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--group_by", nargs="*", default=[], metavar="SET=REGEX")
    return parser.parse_args()


def analyze(client: "APIClient", model_id: str, name: str, content: bytes) -> dict[str, Any]:
    """Send one recording as the app would, and return the analysis."""
    answer = client.post(
        "/api/v1/analyses",
        {"file": SimpleUploadedFile(name, content), "model_id": model_id},
        format="multipart",
    )
    assert answer.status_code == 201, answer.content
    return answer.json()


def make_detection_table() -> Table:
    """Return an empty table of detection."""
    columns = [
        "set",
        "level",
        "seed",
        "AUC command",
        "AUC API",
        "difference",
        "not NORMAL of normal",
        "of abnormal",
    ]
    return Table(*columns, title="Detection")


def report_detection(
    client: "APIClient", folder: Path, level: str, seed: int, model_id: str, table: Table
) -> None:
    """Add a row: the command's AUC beside that of the API's scores."""
    answers = {
        part: [
            analyze(client, model_id, path.name, path.read_bytes())
            for path in list_recordings(folder, part)
        ]
        for part in TEST_PARTS
    }
    models = {model["id"]: model for model in client.get("/api/v1/models").json()["models"]}
    by_command = models[model_id]["metrics"]["auc"]

    truth = np.repeat([0, 1], [len(answers[part]) for part in TEST_PARTS])
    scores = [answer["anomaly_score"] for part in TEST_PARTS for answer in answers[part]]
    by_api = roc_auc_score(truth, scores)

    rates = [f"{count_alarms(answers[part])} of {len(answers[part])}" for part in TEST_PARTS]
    difference = f"{abs(by_command - by_api):.1e}"
    table.add_row(
        folder.name, level, str(seed), f"{by_command:.6f}", f"{by_api:.6f}", difference, *rates
    )


def count_alarms(answers: Analyses) -> int:
    """Return how many are WARNING or CRITICAL."""
    return sum(answer["label"] != "NORMAL" for answer in answers)


def make_formats_table() -> Table:
    """Return an empty table of formats."""
    columns = [
        "set",
        "level",
        "form",
        "same label as wav",
        "median |change|",
        "median normal to WARNING",
        "labels",
    ]
    return Table(*columns, title="Formats (test_normal)")


def report_formats(
    client: "APIClient", folder: Path, level: str, model_id: str, table: Table
) -> None:
    """Add a row a form: how much its labels and scores differ from those of the wav."""
    paths = list_recordings(folder, "test_normal")
    answers = {
        form: [analyze(client, model_id, f"clip.{form}", transcode(path, form)) for path in paths]
        for form in FORMS
    }
    median = float(np.median([answer["anomaly_score"] for answer in answers["wav"]]))
    distance = answers["wav"][0]["thresholds"]["warning"] - median

    for form in FORMS:
        pairs = list(zip(answers["wav"], answers[form], strict=True))
        same = np.mean([one["label"] == other["label"] for one, other in pairs])
        changes = [abs(one["anomaly_score"] - other["anomaly_score"]) for one, other in pairs]
        change = np.median(changes)
        labels = dict(Counter(answer["label"] for answer in answers[form]))
        table.add_row(
            folder.name, level, form, f"{same:.0%}", f"{change:.4g}", f"{distance:.4g}", str(labels)
        )


if __name__ == "__main__":
    main()
