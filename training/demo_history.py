"""Some weeks in the past of the demo machines: recordings, verdicts, and what people found.

So that no page of a new server is empty, and a trend shows what it is for.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import soundfile
from django.utils import timezone

from accounts.models import User
from analysis.models import Analysis, Device, Feedback
from analysis.pipeline import build_recording, compute_analysis, persist
from analysis.sound.audio import SAMPLE_RATE_HZ
from training.demo_sounds import (
    Fault,
    Machine,
    RecordingSession,
    outer_race_defect,
    record,
    unbalance,
)

SECONDS = 6.0
# Apart from the seeds of recordings that models learn from or are tested on.
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One recording of a machine; the finding is a verdict, a fault code and a comment."""

    days_ago: int
    fault: Fault | None = None
    severity: float = 0.0
    finding: tuple[str, str, str] | None = None


def healthy(*days_ago: int) -> list[Visit]:
    """Return visits to a machine that is healthy."""
    return [Visit(days_ago=days) for days in days_ago]


def growing(fault: Fault, *stages: tuple[int, float]) -> list[Visit]:
    """Return visits to a machine whose fault grows: days ago, and how far it has grown."""
    return [Visit(days_ago=days, fault=fault, severity=severity) for days, severity in stages]


# A bearing of the pump begins to fail; dirt on the fan was found and cleaned off.
VISITS: dict[str, Sequence[Visit]] = {
    "pump": (
        *healthy(42, 39, 35, 32, 28, 25, 21, 18, 14),
        *growing(outer_race_defect, (11, 0.08), (8, 0.09), (5, 0.1), (3, 0.12)),
        Visit(
            days_ago=1,
            fault=outer_race_defect,
            severity=0.3,
            finding=("TRUE_POSITIVE", "bearing", "Outer race is pitted. A new bearing is ordered."),
        ),
    ),
    "fan": (
        *healthy(41, 38, 34, 31, 27, 24),
        *growing(unbalance, (21, 0.07), (18, 0.1)),
        Visit(
            days_ago=16,
            fault=unbalance,
            severity=0.2,
            finding=("TRUE_POSITIVE", "imbalance", "Dirt on the blades. Cleaned."),
        ),
        *healthy(15, 11, 8, 4, 2),
    ),
}


def make_history(machines: Mapping[Device, Machine], owner: User) -> None:
    """Judge the recordings of the machines' past by the models that serve for them now."""
    now = timezone.now()
    visits = [
        (now - timedelta(days=visit.days_ago, minutes=7 * number), number, visit, device)
        for device, machine in machines.items()
        for number, visit in enumerate(VISITS[machine.machine_type])
    ]
    # In the order in which they would have arrived.
    for at, number, visit, device in sorted(visits, key=lambda each: each[0]):
        content = record_visit(machines[device], visit, number)
        analysis = store(content, device, owner, at)
        if visit.finding:
            verdict, fault_code, comment = visit.finding
            Feedback.objects.give(
                analysis, owner, verdict=verdict, fault_code=fault_code, comment=comment
            )


def record_visit(machine: Machine, visit: Visit, number: int) -> bytes:
    """Return the recording of a visit as the bytes of a wav file."""
    rng = np.random.default_rng([SEED, number, *machine.machine_type.encode()])
    session = RecordingSession.sample(rng)
    sound = record(
        rng, machine, session, seconds=SECONDS, fault=visit.fault, severity=visit.severity
    )
    buffer = io.BytesIO()
    soundfile.write(buffer, sound, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def store(content: bytes, device: Device, owner: User, at: datetime) -> Analysis:
    """Judge and store one recording as if it had been sent then."""
    version = device.choose_model(None).get_version_to_serve()
    analysis, container = compute_analysis(content, version=version, device=device)
    analysis.owner = owner
    analysis.created_at = at
    recording = build_recording(content, at, f"{device.device_id} {at:%Y-%m-%d}.wav")
    recording.created_at = at
    return persist(analysis, recording, content, container)
