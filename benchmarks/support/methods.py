"""The methods that are measured side by side, by name: our levels and their peers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np

from analysis import detectors
from analysis.detectors import Artifact
from analysis.sound.audio import Waveform
from benchmarks.peers import pyod_audio
from benchmarks.peers.dcase_baseline import DcaseBaseline
from benchmarks.peers.older_system import OlderAutoencoder, OlderForest
from benchmarks.support.levels import DETERMINISTIC, list_levels, train
from benchmarks.support.machine_sets import TRAIN, MachineSet
from benchmarks.support.sandbox import get_serving_version

TARGET_FALSE_ALARM_RATE = 0.05


class Scorer(Protocol):
    """A peer that is fitted."""

    def score(self, waveform: Waveform, /) -> float:
        """Return an anomaly score, higher is more anomalous."""
        ...


@dataclass(frozen=True, slots=True)
class FittedMethod:
    """A method that has learnt a machine: how it scores, and from which score it alarms.

    compute_p_value: of a score; None where the method has no calibration. score_stored: by waveform
    and codec; None where the method does not ask for one.
    """

    score: Callable[[Waveform], float]
    warning: float
    fit_seconds: float
    compute_p_value: Callable[[float], float] | None = None
    score_stored: Callable[[Waveform, str], float] | None = None


@dataclass(frozen=True, slots=True)
class Method:
    """How to fit on a set with a seed."""

    fit: Callable[[MachineSet, int], FittedMethod]
    is_seeded: bool = True
    is_ours: bool = False


def make_methods(*, has_pyod: bool) -> dict[str, Method]:
    """Return the methods by name, our levels first; PyOD's only where it is installed."""
    ours = {
        name: Method(make_level_fit(name), name not in DETERMINISTIC, is_ours=True)
        for name in list_levels()
    }
    return ours | PEERS | (PYOD if has_pyod else {})


def train_artifact(machine: MachineSet, level: str) -> Artifact:
    """Train a level as a person would, and read what was published."""
    model_id = train(machine.folder, level, 0, machine.group_by, tests=())
    artifact = detectors.read(get_serving_version(model_id).read_file("serving"))
    assert isinstance(artifact, Artifact), "nothing older is trained"
    return artifact


def make_level_fit(level: str) -> Callable[[MachineSet, int], FittedMethod]:
    """Return the fit of one of our levels: by its command, with the threshold it publishes."""

    def fit(machine: MachineSet, seed: int) -> FittedMethod:
        # Django's models can be imported only once it is set up.
        from registry.models import RegisteredModel

        started = perf_counter()
        model_id = train(
            machine.folder, level, seed, machine.group_by, tests=(), split=machine.split
        )
        seconds = perf_counter() - started
        version = RegisteredModel.objects.get(pk=model_id).get_version_to_serve()
        artifact = detectors.read(version.read_file("serving"))
        calibration = artifact.calibration
        assert calibration is not None, "what is trained here comes with one"
        return FittedMethod(
            artifact.compute_anomaly_score,
            calibration.warning,
            seconds,
            calibration.compute_p_value,
            artifact.compute_anomaly_score,
        )

    return fit


def make_peer_fit(
    learn: Callable[[Sequence[Waveform], int], Scorer],
) -> Callable[[MachineSet, int], FittedMethod]:
    """Return the fit of a peer, which alarms above 95 % of its training clips, as PyOD does."""

    def fit(machine: MachineSet, seed: int) -> FittedMethod:
        started = perf_counter()
        scorer = learn(machine.waveforms[TRAIN], seed)
        seconds = perf_counter() - started
        scores = [scorer.score(waveform) for waveform in machine.waveforms[TRAIN]]
        warning = float(np.quantile(scores, 1 - TARGET_FALSE_ALARM_RATE))
        return FittedMethod(scorer.score, warning, seconds)

    return fit


PEERS = {
    "older level 1": Method(make_peer_fit(OlderForest.fit)),
    "older level 2": Method(make_peer_fit(OlderAutoencoder.fit)),
    "DCASE baseline": Method(make_peer_fit(DcaseBaseline.fit)),
    "DCASE standardised": Method(make_peer_fit(DcaseBaseline.fit_standardised)),
}
PYOD_PRESETS = {
    # Nearest neighbours ("balanced") have no randomness.
    f"PyOD {name}": Method(make_peer_fit(pyod_audio.make_preset_fit(name)), name != "balanced")
    for name in pyod_audio.PRESETS
}
PYOD = PYOD_PRESETS | {"PyOD AudioAE": Method(make_peer_fit(pyod_audio.fit_autoencoder))}
