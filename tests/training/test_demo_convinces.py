"""The demo convinces: healthy machines are called healthy, faults are found and named fittingly."""

import io
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
import soundfile
from django.core.management import call_command

from analysis.api.summary import summarize
from analysis.models import Analysis, Device, Feedback
from analysis.pipeline import compute_analysis
from registry.models import RegisteredModel
from training.demo_sounds import MACHINES, RecordingSession, record
from training.management.commands import make_demo

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.timeout(900)]

N_HEALTHY = 100  # of each machine, so 200 a level
N_FAULTY = 5  # of each fault
MAX_ALARMS = 0.03
SECONDS = 4.0
# Apart from the seeds of training, of its tests and of the history.
SEED = 1000
KNOCKING = "fast regular knocking, as of a bearing or gear"
# A fan's rotor turns 29 times a second: what happens once a revolution is a fast beat.
FITTING_WORDS = {
    "outer_race_defect": {KNOCKING},
    "cavitation": {
        "crackling",
        "knocks or clicks",
        "loud bursts",
        "a sound that comes and goes",
        KNOCKING,
    },
    "leak": {"a steady background sound", "the balance of high and low sound", "loud bursts"},
    "unbalance": {"a slow beat", "an uneven run", "an unsteady sound", KNOCKING},
    "damaged_blade": {"a slow beat", "an uneven run", KNOCKING},
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one model says of fresh recordings: of a healthy machine, and of each fault."""

    model: RegisteredModel
    healthy: Counter[str]
    detected: dict[str, int]
    words: dict[str, list[str]]


@pytest.fixture
def demo(media):
    """The demo as a first start makes it."""
    printed = io.StringIO()
    call_command("make_demo", stdout=printed)
    return printed.getvalue()


def judge(machine, model, seed, fault=None):
    rng = np.random.default_rng([SEED, seed, *machine.machine_type.encode()])
    session = RecordingSession.sample(rng)
    severity = make_demo.RECORDINGS["severities"].get(fault.__name__, 1.0) if fault else 0.0
    sound = record(rng, machine, session, seconds=SECONDS, fault=fault, severity=severity)
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, 16_000, format="WAV", subtype="PCM_16")
    analysis, _ = compute_analysis(buffer.getvalue(), version=model.serving_version, device=None)
    return analysis


def measure(machine, model):
    healthy = Counter(judge(machine, model, seed).label for seed in range(N_HEALTHY))
    faulty = {
        fault.__name__: [judge(machine, model, seed, fault) for seed in range(N_FAULTY)]
        for fault in machine.faults
    }
    return Row(
        model=model,
        healthy=healthy,
        detected={
            name: sum(each.label != "NORMAL" for each in analyses)
            for name, analyses in faulty.items()
        },
        words={
            name: [summarize(each, "en") for each in analyses] for name, analyses in faulty.items()
        },
    )


def table(rows):
    yield f"\n{'model':<24}{'healthy':>8}{'alarms':>8}   detected of {N_FAULTY}\n"
    for row in rows:
        n_alarms = N_HEALTHY - row.healthy["NORMAL"]
        detected = ", ".join(f"{name} {n}" for name, n in row.detected.items())
        yield f"{row.model.pk:<24}{N_HEALTHY:>8}{n_alarms:>8}   {detected}\n"


def test_the_demo_convinces(demo, media, capsys):
    rows = [
        measure(machine, model)
        for machine in MACHINES
        for model in RegisteredModel.objects.filter(machine_type=machine.machine_type)
    ]
    with capsys.disabled():
        sys.stdout.writelines(table(rows))

    for level in (1, 2, 3):
        of_level = [row for row in rows if row.model.level == level]
        n_alarms = sum(N_HEALTHY - row.healthy["NORMAL"] for row in of_level)
        assert n_alarms <= MAX_ALARMS * N_HEALTHY * len(of_level), level
    for row in rows:
        assert set(row.detected.values()) == {N_FAULTY}, row.model.pk
    check_words(rows)
    check_recordings_to_try(media)
    check_history()


def check_words(rows):
    """At the level that names what is unusual."""
    for row in rows:
        if row.model.level < 3:
            continue
        for fault, summaries in row.words.items():
            for summary in summaries:
                assert any(words in summary for words in FITTING_WORDS[fault]), (fault, summary)


def check_recordings_to_try(media):
    """As README and the app offer them."""
    for model in RegisteredModel.objects.all():
        folder = media / "demo" / model.machine_type_id
        healthy, faulty = (
            compute_analysis(
                (folder / name).read_bytes(), version=model.serving_version, device=None
            )[0]
            for name in ("healthy.wav", "faulty.wav")
        )
        assert healthy.label == "NORMAL", model
        assert faulty.label != "NORMAL", model
        # The pump is what README begins with.
        if model.machine_type_id == "pump":
            assert "not_this_machine" not in faulty.quality["warnings"], model


def check_history():
    for device in Device.objects.all():
        analyses = Analysis.objects.filter(device=device).order_by("created_at")
        assert device.preferred_model.level == 3
        span = analyses.last().created_at - analyses.first().created_at
        assert span.days >= 35
        assert analyses.first().label == "NORMAL"
        assert Feedback.objects.filter(analysis__device=device).exists()
    # A trend: the pump's bearing begins to fail.
    pump = Analysis.objects.filter(device__device_id="demo-pump").order_by("created_at")
    assert pump.last().label == "CRITICAL"
    health = [analysis.health_score for analysis in pump]
    assert np.mean(health[:9]) > np.mean(health[-3:]) + 30
