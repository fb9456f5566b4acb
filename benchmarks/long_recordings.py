"""What a fault does that lasts for a part of a long recording, and whether long ones alarm more.

Healthy test clips of one recording session are joined, cross-faded, to long recordings. Into some
of them a stretch of a faulty clip is put, as loud as the rest, at a place drawn at random.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from analysis.detectors import Artifact
from analysis.detectors.calibration import NORMAL as NORMAL_LABEL
from analysis.sound.audio import SAMPLE_RATE_HZ, Waveform
from analysis.sound.disturbances import cross_fade
from benchmarks.support import sheets
from benchmarks.support.levels import find_sets, list_levels
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, MachineSet, add_set_options
from benchmarks.support.methods import train_artifact
from benchmarks.support.sandbox import open_sandbox
from benchmarks.support.sheets import Record
from training.evaluation.intervals import Estimate, exact_interval

FADE = round(0.02 * SAMPLE_RATE_HZ)
SECONDS_AROUND = 30.0
STRETCH_LENGTHS = (1, 2, 4)
HEALTHY_SECONDS = (10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Joiner:
    """Makes long recordings of a set's test clips, by the session of each."""

    healthy: dict[str, list[Waveform]]
    faulty: Sequence[Waveform]
    clip_seconds: float
    rng: np.random.Generator

    def make_healthy(self, seconds: float) -> Waveform:
        """Join clips of one session, each used once before any is used again."""
        names = sorted(self.healthy)
        clips = self.healthy[names[self.rng.integers(len(names))]]
        n_clips = max(2, round(seconds / self.clip_seconds))
        rounds = -(-n_clips // len(clips))
        order = np.concatenate([self.rng.permutation(len(clips)) for _ in range(rounds)])
        return cross_fade([clips[i] for i in order[:n_clips]], FADE)

    def make_stretch(self, n_lengths: int) -> Waveform:
        """Join faulty clips that follow each other to a stretch of so many training lengths."""
        first = int(self.rng.integers(max(1, len(self.faulty) - n_lengths)))
        stretch = cross_fade(self.faulty[first : first + n_lengths], FADE)
        return stretch[: round(n_lengths * self.clip_seconds * SAMPLE_RATE_HZ)]

    def insert(self, stretch: Waveform) -> Waveform:
        """Put a stretch somewhere into a healthy recording of SECONDS_AROUND, as loud as it."""
        around = self.make_healthy(SECONDS_AROUND)
        at = self.rng.integers(2 * FADE, max(2 * FADE + 1, len(around) - len(stretch) - 2 * FADE))
        louder = stretch * (measure_rms(around) / measure_rms(stretch))
        before = around[: at + FADE]
        after = around[min(at + len(stretch) - FADE, len(around) - 3 * FADE) :]
        return cross_fade([before, louder.astype(np.float32), after], FADE)


def measure_rms(waveform: Waveform) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))


def main() -> None:
    """Measure and print."""
    options = parse_options()
    with open_sandbox():
        records = list(measure_all(options))
    title = f"Long recordings, {options.joins} a row: share that is not NORMAL (95 % interval)"
    sheets.publish(title, records, options.markdown)


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of sets")
    add_set_options(parser)
    parser.add_argument("--levels", nargs="+", help="only these (default: all)")
    parser.add_argument(
        "--joins", type=int, default=200, help="long recordings a row (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (default: 0)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table for a page")
    return parser.parse_args()


def measure_all(options: argparse.Namespace) -> Iterator[Record]:
    """Measure every set and level."""
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    for folder in find_sets(options.data, options.sets):
        machine = MachineSet.read(folder, groups.get(folder.name))
        for level in options.levels or list_levels():
            artifact = train_artifact(machine, level)
            make = partial(make_joiner, machine, artifact, options.seed)
            for n_lengths in STRETCH_LENGTHS:
                yield measure_stretches(machine.name, level, artifact, make(), n_lengths, options)
            for seconds in HEALTHY_SECONDS:
                yield measure_healthy(machine.name, level, artifact, make(), seconds, options)


def make_joiner(machine: MachineSet, artifact: Artifact, seed: int) -> Joiner:
    """Sort the test clips by session; the same seed draws the same."""
    healthy: dict[str, list[Waveform]] = {}
    pairs = zip(machine.groups[NORMAL], machine.waveforms[NORMAL], strict=True)
    for group, waveform in pairs:
        healthy.setdefault(group, []).append(waveform)
    clip_seconds = artifact.front_end.spec.clip_seconds
    return Joiner(healthy, machine.waveforms[ABNORMAL], clip_seconds, np.random.default_rng(seed))


def measure_stretches(
    name: str,
    level: str,
    artifact: Artifact,
    joiner: Joiner,
    n_lengths: int,
    options: argparse.Namespace,
) -> Record:
    """Compare faulty stretches alone with the same within a healthy recording."""
    alone = []
    within = []
    for _ in range(options.joins):
        stretch = joiner.make_stretch(n_lengths)
        alone.append(is_alarm(artifact, stretch))
        within.append(is_alarm(artifact, joiner.insert(stretch)))
    found = [both for is_alone, both in zip(alone, within, strict=True) if is_alone]
    return {
        "set": name,
        "level": level,
        "recording": f"{n_lengths * joiner.clip_seconds:.0f} of {SECONDS_AROUND:g} s faulty",
        "stretch alone": estimate_share(alone),
        "within": estimate_share(within),
        "within, of those found alone": estimate_share(found) if found else "",
    }


def measure_healthy(
    name: str,
    level: str,
    artifact: Artifact,
    joiner: Joiner,
    seconds: float,
    options: argparse.Namespace,
) -> Record:
    """Tell how many long healthy recordings raise an alarm."""
    alarms = [is_alarm(artifact, joiner.make_healthy(seconds)) for _ in range(options.joins)]
    return {
        "set": name,
        "level": level,
        "recording": f"healthy, {seconds:g} s",
        "stretch alone": "",
        "within": estimate_share(alarms),
        "within, of those found alone": "",
    }


def is_alarm(artifact: Artifact, waveform: Waveform) -> bool:
    """Return whether a recording is not NORMAL."""
    return artifact.calibration.label(artifact.compute_anomaly_score(waveform)) != NORMAL_LABEL


def estimate_share(alarms: Sequence[bool]) -> Estimate:
    """Return a share with its exact binomial interval."""
    n_alarms = sum(alarms)
    return Estimate(n_alarms / len(alarms), *exact_interval(n_alarms, len(alarms)))


if __name__ == "__main__":
    main()
