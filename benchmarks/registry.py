"""How long the registry's pages take, with how many queries, with 100 and with 10,000 models."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks.support.sandbox import open_sandbox

if TYPE_CHECKING:
    from django.test import Client
    from rest_framework.test import APIClient

    from registry.models import ModelVersion

SIZES = (100, 10_000)
N_VERSIONS = 10
N_ANALYSES = 20
PAGE_SIZE = 100
MACHINE_TYPES = ("pump", "fan", "valve", "motor")
METRICS = {"auc": 0.95, "false_alarm_rate": 0.05, "final_loss": 0.4}
PARAMETERS = {"epochs": 50, "learning_rate": 0.001}
VERDICT: dict[str, Any] = {
    "score": 0.5,
    "anomaly_score": 0.5,
    "p_value": 0.5,
    "health_score": 90,
    "warning_threshold": 1.0,
    "calibration_method": "conformal",
    "calibration_n": 40,
    "quality": {},
    "explanation": {},
    "timing_ms": {},
}


@dataclass(frozen=True, slots=True)
class PageCost:
    """What one page costs at one size of the registry."""

    seconds: float
    queries: int


def main() -> None:
    """Measure the pages at both sizes and print them beside each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--repeats", type=int, default=15, help="of each page; the median is printed"
    )
    options = parser.parse_args()
    with open_sandbox() as api:
        results = {size: measure(api, size, options.repeats) for size in SIZES}
    report(results)


def measure(api: "APIClient", size: int, repeats: int) -> dict[str, PageCost]:
    """Fill the registry up to a size and ask for every page."""
    fill(size)
    return {name: measure_page(ask, repeats) for name, ask in list_pages(api)}


def list_pages(api: "APIClient") -> Iterator[tuple[str, Callable[[], Any]]]:
    """Give the pages by name; each has as many rows at both sizes."""
    from django.test import Client

    from accounts.models import User

    desk = Client()
    desk.force_login(
        User.objects.create_superuser("administrator", "administrator@plant.example", "not used")
    )
    models = "/api/v1/models"
    admin = "/admin/registry"
    for name, url in {
        f"API: list, {PAGE_SIZE} a page": f"{models}?page_size={PAGE_SIZE}",
        "API: list, up to 500 a page": models,
        "API: one machine type": f"{models}?page_size={PAGE_SIZE // 4}&device_type=pump",
        "API: detail": f"{models}/model_00042",
        "admin: models": f"{admin}/registeredmodel/",
        "admin: a model": f"{admin}/registeredmodel/model_00042/change/",
        "admin: versions": f"{admin}/modelversion/",
        "admin: log": f"{admin}/promotion/",
        "admin: what served at": f"{admin}/promotion/?served_at=2100-01-01T00:00",
        "admin: analyses": "/admin/analysis/analysis/",
        "admin: analyses of a model": "/admin/analysis/analysis/?model=model_00042",
    }.items():
        yield name, make_ask(api if url.startswith("/api") else desk, url)
    etag = api.get(f"{models}?page_size={PAGE_SIZE}").headers["ETag"]
    yield (
        "API: list, not modified",
        make_ask(api, f"{models}?page_size={PAGE_SIZE}", status=304, HTTP_IF_NONE_MATCH=etag),
    )


def make_ask(
    client: "Client | APIClient", url: str, *, status: int = 200, **headers: str
) -> Callable[[], None]:
    """Return a function that asks for a page."""

    def ask() -> None:
        response = client.get(url, **headers)  # type: ignore[arg-type]
        assert response.status_code == status, (url, response.status_code)

    return ask


def measure_page(ask: Callable[[], Any], repeats: int) -> PageCost:
    """Return the median time of a page, and how many queries it makes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
    n_queries = len(queries)
    return PageCost(median(time_call(ask) for _ in range(repeats)), n_queries)


def time_call(ask: Callable[[], Any]) -> float:
    """Return the processor time of a call: other work of the machine does not count."""
    began = process_time()
    ask()
    return process_time() - began


def fill(size: int) -> None:
    """Make models up to this many, with versions, files, log and analyses."""
    from django.db import connection, transaction

    from registry.models import RegisteredModel

    first = RegisteredModel.objects.count()
    ids = [f"model_{number:05}" for number in range(first, size)]
    with transaction.atomic():
        RegisteredModel.objects.bulk_create(
            RegisteredModel(
                id=id,
                name=id,
                type="level2_autoencoder",
                machine_type_id=MACHINE_TYPES[number % len(MACHINE_TYPES)],
            )
            for number, id in enumerate(ids)
        )
        version_pks = publish_versions(ids)

    make_analyses(version_pks)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # Else queries would search what was just written in the log beside the database.
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def publish_versions(ids: list[str]) -> list[int]:
    """Make N_VERSIONS of each model, with files and log; return those that serve, the last ones."""
    from registry.models import ModelVersion, Promotion, RegisteredModel

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
        for number in range(1, N_VERSIONS + 1)
    )
    make_files(versions)
    Promotion.objects.bulk_create(
        Promotion(
            kind="serve", model_id=version.registered_model_id, to_version=version, why="published"
        )
        for version in versions
    )

    serving = {version.registered_model_id: version.pk for version in versions}
    rows = [RegisteredModel(id=id, serving_version_id=pk) for id, pk in serving.items()]
    RegisteredModel.objects.bulk_update(rows, ["serving_version"], batch_size=400)
    return list(serving.values())


def make_files(versions: "Sequence[ModelVersion]") -> None:
    """Make the rows of the files of each version."""
    from registry.models import VersionFile

    VersionFile.objects.bulk_create(
        VersionFile(
            version=version,
            role=role,
            name=f"model.{suffix}",
            path=f"{version.pk}.{suffix}",
            sha256="0" * 64,
            size=1,
        )
        for version in versions
        for role, suffix in (("exchange", "pth"), ("serving", "npz"), ("sidecar", "json"))
    )


def make_analyses(version_pks: list[int]) -> None:
    """Make N_ANALYSES of each version, spread over two weeks; the list of models counts one."""
    from django.utils import timezone

    from accounts.models import User
    from analysis.models import Analysis, Recording

    owner = User.objects.get(username="engineer")
    now = timezone.now()
    uploads = [
        (pk, number, Recording(path=f"{pk}/{number}", sha256="", size_bytes=1))
        for pk in version_pks
        for number in range(N_ANALYSES)
    ]
    Recording.objects.bulk_create(recording for _, _, recording in uploads)
    Analysis.objects.bulk_create(
        Analysis(
            version_id=pk,
            recording=recording,
            owner=owner,
            label="WARNING" if number % 4 == 0 else "NORMAL",
            created_at=now - timedelta(days=14 * number / N_ANALYSES),
            sequence_number=(N_ANALYSES - number) * len(uploads) - place,
            **VERDICT,
        )
        for place, (pk, number, recording) in enumerate(uploads)
    )


def report(results: dict[int, dict[str, PageCost]]) -> None:
    """Print the pages beside each other."""
    small, large = (results[size] for size in SIZES)
    table = Table("page", *(f"{size:,} models" for size in SIZES), "grows", "queries")
    for name, before in small.items():
        after = large[name]
        queries = f"{before.queries}"
        if before.queries != after.queries:
            queries += f" / {after.queries}"
        table.add_row(
            name,
            f"{1000 * before.seconds:.1f} ms",
            f"{1000 * after.seconds:.1f} ms",
            f"{after.seconds / before.seconds:.2f}x",
            queries,
        )

    n_models = SIZES[-1]
    console = Console(width=110)
    console.print(table)
    console.print(
        f"{n_models:,} models have {n_models * N_VERSIONS:,} versions "
        f"and {n_models * N_ANALYSES:,} analyses."
    )
    console.print("A page holds as many rows as before, but for the list of up to 500.")


if __name__ == "__main__":
    main()
