"""The methods that are measured side by side, by name: our levels and their peers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np

from analysis import detectors
from analysis.sound.audio import Waveform
from benchmarks.peers import pyod_audio
from benchmarks.peers.dcase_baseline import DcaseBaseline
from benchmarks.peers.older_system import OlderAutoencoder, OlderForest
from benchmarks.support.levels import DETERMINISTIC, available_levels, train
from benchmarks.support.machine_sets import TRAIN, MachineSet

TARGET_FALSE_ALARM_RATE = 0.05


class Scorer(Protocol):
    """A fitted peer."""

    def score(self, waveform: Waveform, /) -> float:
        """Higher is more anomalous."""
        ...


@dataclass(frozen=True, slots=True)
class Fitted:
    """A method that has learnt a machine: how it scores, and the score from which it raises an alarm."""

    score: Callable[[Waveform], float]
    warning: float
    fit_seconds: float


@dataclass(frozen=True, slots=True)
class Method:
    """How to fit on a set with a seed."""

    fit: Callable[[MachineSet, int], Fitted]
    is_seeded: bool = True
    is_ours: bool = False


def all_methods(*, has_pyod: bool) -> dict[str, Method]:
    """Our levels first; PyOD's detectors only where it is installed."""
    ours = {
        name: Method(own(name), name not in DETERMINISTIC, is_ours=True)
        for name in available_levels()
    }
    return ours | PEERS | (PYOD if has_pyod else {})


def own(level: str) -> Callable[[MachineSet, int], Fitted]:
    """One of our levels, by its command, with the threshold of the version that it published."""

    def fit(machine: MachineSet, seed: int) -> Fitted:
        # Django's models can be imported only once it is set up.
        from registry.models import RegisteredModel

        started = perf_counter()
        model_id = train(machine.folder, level, seed, machine.group_by, tests=())
        seconds = perf_counter() - started
        version = RegisteredModel.objects.get(pk=model_id).get_version_to_serve()
        artifact = detectors.read(version.read_file("serving"))
        assert artifact.calibration is not None, "what is trained here comes with one"
        return Fitted(artifact.compute_anomaly_score, artifact.calibration.warning, seconds)

    return fit


def peer(learn: Callable[[Sequence[Waveform], int], Scorer]) -> Callable[[MachineSet, int], Fitted]:
    """A peer has no calibration: its alarms begin above 95 % of the clips that it learnt from, as PyOD's do."""

    def fit(machine: MachineSet, seed: int) -> Fitted:
        started = perf_counter()
        scorer = learn(machine.waveforms[TRAIN], seed)
        seconds = perf_counter() - started
        scores = [scorer.score(waveform) for waveform in machine.waveforms[TRAIN]]
        return Fitted(
            scorer.score, float(np.quantile(scores, 1 - TARGET_FALSE_ALARM_RATE)), seconds
        )

    return fit


PEERS = {
    "older level 1": Method(peer(OlderForest.fit)),
    "older level 2": Method(peer(OlderAutoencoder.fit)),
    "DCASE baseline": Method(peer(DcaseBaseline.fit)),
    "DCASE standardised": Method(peer(DcaseBaseline.fit_standardised)),
}
PYOD = {
    # Nearest neighbours know no chance.
    **{
        f"PyOD {name}": Method(peer(pyod_audio.fit_preset(name)), name != "balanced")
        for name in pyod_audio.PRESETS
    },
    "PyOD AudioAE": Method(peer(pyod_audio.fit_autoencoder)),
}
