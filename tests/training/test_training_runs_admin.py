"""Training runs in admin: to read, with lost ones apart from running ones."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from training.models import LOST_AFTER, TrainingRun

pytestmark = pytest.mark.django_db
LIST = "/admin/training/trainingrun/"


@pytest.fixture
def curated(client, curator):
    """The admin of a curator, signed in."""
    client.force_login(curator)
    return client


@pytest.fixture
def begin():
    """Make the row of a run whose last heartbeat is so long ago."""

    def begun(model_id, silent_for=timedelta()):
        heartbeat = timezone.now() - silent_for
        return TrainingRun.objects.create(
            model_id=model_id, type="level2_a", seed=0, heartbeat_at=heartbeat
        )

    return begun


# A year in the future: its last heartbeat was by a clock that was ahead.
SILENCES = [LOST_AFTER * 2, -timedelta(days=365)]


@pytest.mark.parametrize("silent_for", SILENCES)
@pytest.mark.parametrize(("state", "shown"), [("lost", "pump_dead"), ("running", "pump_alive")])
def test_the_list_filters_lost_and_running_apart(curated, begin, state, shown, silent_for):
    begin("pump_alive")
    begin("pump_dead", silent_for)
    page = curated.get(LIST, {"state": state}).content.decode()
    assert [name for name in ("pump_alive", "pump_dead") if name in page] == [shown]


@pytest.mark.parametrize("silent_for", SILENCES)
def test_a_lost_run_is_called_lost_on_its_page(curated, begin, silent_for):
    page = curated.get(f"{LIST}{begin('pump_dead', silent_for).pk}/change/").content.decode()
    assert "LOST" in page
    assert "Running" not in page


def test_the_list_asks_a_constant_number_of_questions(curated, begin):
    counts = []
    for n_runs in (1, 20):
        for n in range(n_runs):
            begin(f"pump_{n_runs}_{n}")
        with CaptureQueriesContext(connection) as queries:
            curated.get(LIST)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_runs_are_not_added_changed_or_deleted_by_hand(curated, begin):
    run = begin("pump")
    assert curated.get(f"{LIST}add/").status_code == 403
    assert curated.post(f"{LIST}{run.pk}/delete/").status_code == 403


def test_a_run_reads_as_a_chart_and_tables(curated, begin):
    run = begin("pump")
    run.epochs = [
        {"phase": "final", "epoch": n, "loss": 1 / n, "validation_loss": None} for n in (1, 2, 3)
    ]
    run.parameters = {"learning_rate": 0.1 + 0.2}
    run.progress = 2 / 3
    run.save()
    page = curated.get(f"{LIST}{run.pk}/change/").content.decode()
    assert '<polyline class="curve final"' in page
    assert "<td>0.3333</td><td>–</td>" in page
    assert "<tr><th>learning rate</th><td>0.3</td></tr>" in page
    assert "67%" in page
