"""How long the registry's pages take, and how many questions they ask, as it grows from 100 to 10,000 models."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks.support.sandbox import sandbox

if TYPE_CHECKING:
    from django.test import Client
    from rest_framework.test import APIClient

SIZES = (100, 10_000)
VERSIONS, ANALYSES, PAGE = 10, 20, 100
KINDS = ("pump", "fan", "valve", "motor")
METRICS = {"auc": 0.95, "false_alarm_rate": 0.05, "final_loss": 0.4}
PARAMETERS = {"epochs": 50, "learning_rate": 0.001}


@dataclass(frozen=True, slots=True)
class Measured:
    """One page at one size."""

    seconds: float
    queries: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--repeats", type=int, default=15, help="of each page; the median is printed"
    )
    options = parser.parse_args()
    with sandbox() as api:
        results = {size: measure(api, size, options.repeats) for size in SIZES}
    report(results)


def measure(api: "APIClient", size: int, repeats: int) -> dict[str, Measured]:
    """Fill the registry up to a size and ask for every page."""
    fill(size)
    return {name: timed(ask, repeats) for name, ask in pages(api)}


def pages(api: "APIClient") -> Iterator[tuple[str, Callable[[], Any]]]:
    """The pages by name; the same number of rows is on each, however many there are in all."""
    from django.test import Client

    from accounts.models import User

    desk = Client()
    desk.force_login(
        User.objects.create_superuser("administrator", "administrator@plant.example", "not used")
    )
    models, admin = "/api/v1/models", "/admin/registry"
    for name, url in {
        f"API: list, {PAGE} a page": f"{models}?page_size={PAGE}",
        "API: list, up to 500 a page": models,
        "API: one machine type": f"{models}?page_size={PAGE // 4}&device_type=pump",
        "API: detail": f"{models}/model_00042",
        "admin: models": f"{admin}/registeredmodel/",
        "admin: a model": f"{admin}/registeredmodel/model_00042/change/",
        "admin: versions": f"{admin}/modelversion/",
        "admin: log": f"{admin}/promotion/",
        "admin: what served at": f"{admin}/promotion/?served_at=2100-01-01T00:00",
        "admin: analyses": "/admin/analysis/analysis/",
        "admin: analyses of a model": "/admin/analysis/analysis/?model=model_00042",
    }.items():
        yield name, asking(api if url.startswith("/api") else desk, url)
    etag = api.get(f"{models}?page_size={PAGE}").headers["ETag"]
    yield (
        "API: list, not modified",
        asking(api, f"{models}?page_size={PAGE}", status=304, HTTP_IF_NONE_MATCH=etag),
    )


def asking(
    client: "Client | APIClient", url: str, *, status: int = 200, **headers: str
) -> Callable[[], None]:
    """Something that asks for a page."""

    def ask() -> None:
        response = client.get(url, **headers)  # type: ignore[arg-type]
        assert response.status_code == status, (url, response.status_code)

    return ask


def timed(ask: Callable[[], Any], repeats: int) -> Measured:
    """Median time of a page, and the questions it asks."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as asked:
        ask()
    n_queries = len(asked)
    return Measured(median(seconds_of(ask) for _ in range(repeats)), n_queries)


def seconds_of(ask: Callable[[], Any]) -> float:
    # Of the processor: server and database are this process, and what else the machine does is not asked.
    began = process_time()
    ask()
    return process_time() - began


def fill(size: int) -> None:
    """Make models up to this many, each with VERSIONS versions of which the last serves, with files and log."""
    from django.db import connection, transaction

    from registry.models import ModelVersion, Promotion, RegisteredModel, VersionFile

    first = RegisteredModel.objects.count()
    ids = [f"model_{number:05}" for number in range(first, size)]
    with transaction.atomic():
        RegisteredModel.objects.bulk_create(
            RegisteredModel(
                id=id, name=id, type="level2_autoencoder", machine_type_id=KINDS[n % len(KINDS)]
            )
            for n, id in enumerate(ids)
        )
        versions = ModelVersion.objects.bulk_create(
            ModelVersion(
                registered_model_id=id,
                number=number,
                dataset_path="recordings/normal",
                dataset_fingerprint=f"{number:064}",
                sample_count=40,
                parameters=PARAMETERS,
                metrics=METRICS,
            )
            for id in ids
            for number in range(1, VERSIONS + 1)
        )
        VersionFile.objects.bulk_create(
            VersionFile(
                version=version,
                role=role,
                name=f"model.{end}",
                path=f"{version.pk}.{end}",
                sha256="0" * 64,
                size=1,
            )
            for version in versions
            for role, end in (("exchange", "pth"), ("serving", "npz"), ("sidecar", "json"))
        )
        Promotion.objects.bulk_create(
            Promotion(
                kind="serve",
                model_id=version.registered_model_id,
                to_version=version,
                why="published",
            )
            for version in versions
        )
        serving = {version.registered_model_id: version.pk for version in versions}
        rows = [RegisteredModel(id=id, serving_version_id=pk) for id, pk in serving.items()]
        RegisteredModel.objects.bulk_update(rows, ["serving_version"], batch_size=400)
    analyse(list(serving.values()))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # What was just written at one go would otherwise be looked for in the log beside the database.
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def analyse(version_pks: list[int]) -> None:
    """Make ANALYSES of each version, spread over twice the week that the list of models tells of."""
    from django.utils import timezone

    from accounts.models import User
    from analysis.models import Analysis, Recording

    owner, now = User.objects.get(username="engineer"), timezone.now()
    same = {"owner": owner, "score": 0.5, "anomaly_score": 0.5, "p_value": 0.5, "health_score": 90}
    same |= {"warning_threshold": 1.0, "calibration_method": "conformal", "calibration_n": 40}
    same |= {"quality": {}, "explanation": {}, "timing_ms": {}}
    sent = [
        (pk, n, Recording(path=f"{pk}/{n}", sha256="", size_bytes=1))
        for pk in version_pks
        for n in range(ANALYSES)
    ]
    Recording.objects.bulk_create(recording for _, _, recording in sent)
    Analysis.objects.bulk_create(
        Analysis(
            version_id=pk,
            recording=recording,
            label="WARNING" if n % 4 == 0 else "NORMAL",
            # In life, no two are made in the same microsecond.
            created_at=now - timedelta(days=14 * n / ANALYSES, microseconds=place),
            **same,
        )
        for place, (pk, n, recording) in enumerate(sent)
    )


def report(results: dict[int, dict[str, Measured]]) -> None:
    """Print the pages beside each other."""
    small, large = (results[size] for size in SIZES)
    table = Table("page", *(f"{size:,} models" for size in SIZES), "grows", "queries")
    for name, before in small.items():
        after = large[name]
        times = [f"{1000 * measured.seconds:.1f} ms" for measured in (before, after)]
        queries = (
            f"{before.queries}"
            if before.queries == after.queries
            else f"{before.queries} / {after.queries}"
        )
        table.add_row(name, *times, f"{after.seconds / before.seconds:.2f}x", queries)
    console = Console(width=110)
    console.print(table)
    console.print(
        f"{SIZES[-1]:,} models have {SIZES[-1] * VERSIONS:,} versions and {SIZES[-1] * ANALYSES:,} analyses."
    )
    console.print("A page holds as many rows as before, but for the list of up to 500.")


if __name__ == "__main__":
    main()
