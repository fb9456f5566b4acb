"""What a few normal clips of a device with another microphone do for its alarms, at each level.

Some clips of the healthy machine calibrate the device; the others, and the abnormal ones, are then judged.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from rich.console import Console

from analysis import detectors
from analysis.detectors.calibration import Calibration, Scores
from analysis.detectors.device_calibration import calibrate_device
from analysis.errors import InconsistentClips
from analysis.sound.audio import Waveform
from benchmarks.support import sheets
from benchmarks.support.levels import available_levels, find_sets, train
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, MachineSet
from benchmarks.support.responses import RESPONSES, hear
from benchmarks.support.sandbox import sandbox, serving_version
from benchmarks.support.sheets import Record

MAX_ABNORMAL = 40
N_DRAWS = 20
FAR = 0.5
AS_TRAINED = "as trained"
GOAL = 0.1


@dataclass(frozen=True, slots=True)
class Scored:
    """What a version makes of normal and abnormal clips through one microphone."""

    calibration: Calibration
    normal: Scores
    abnormal: Scores


@dataclass(frozen=True, slots=True)
class Outcome:
    """Shares of one level, set and response; rates are means over the draws that were not refused."""

    level: str
    kind: str
    before: float
    after: float
    detection: float
    refused: float
    fault_refused: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of sets")
    parser.add_argument("--sets", nargs="+", help="only these")
    parser.add_argument(
        "--group_by",
        nargs="*",
        default=[],
        metavar="SET=REGEX",
        help="what in a name tells the take",
    )
    parser.add_argument(
        "--n_clips", type=int, default=5, help="clips that calibrate (default: %(default)s)"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table for a page")
    options = parser.parse_args()
    with sandbox():
        outcomes = list(measure_all(options))
    title, records = (
        f"{options.n_clips} clips of a device through another microphone",
        summarize(outcomes),
    )
    Console(width=160).print(sheets.rich_table(title, records))
    if options.markdown:
        options.markdown.write_text(sheets.markdown(title, records))


def measure_all(options: argparse.Namespace) -> Iterator[Outcome]:
    """Every set, level and response."""
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    for folder in find_sets(options.data, options.sets):
        machine = MachineSet.read(folder, groups.get(folder.name))
        for level in available_levels():
            artifact = trained(machine, level)
            for response in (None, *RESPONSES.values()):
                normal, abnormal = (
                    np.array(
                        [
                            artifact.compute_anomaly_score(
                                hear(clip, response) if response else clip
                            )
                            for clip in clips
                        ]
                    )
                    for clips in clips_of(machine)
                )
                assert artifact.calibration is not None, "what is trained is calibrated"
                scored = Scored(artifact.calibration, normal, abnormal)
                if len(normal) >= 2 * options.n_clips:
                    yield measure(level, scored, options.n_clips, is_changed=response is not None)


def trained(machine: MachineSet, level: str) -> detectors.Artifact | detectors.LegacyArtifact:
    """Train as a person would, and read what was published."""
    # Django's models can be imported only once it is set up.

    model_id = train(machine.folder, level, 0, machine.group_by, tests=())
    return detectors.read(serving_version(model_id).read_file("serving"))


def clips_of(machine: MachineSet) -> tuple[Sequence[Waveform], Sequence[Waveform]]:
    """The normal test clips and some of the abnormal ones."""
    return machine.waveforms[NORMAL], machine.waveforms[ABNORMAL][:MAX_ABNORMAL]


def measure(level: str, scored: Scored, n_clips: int, *, is_changed: bool) -> Outcome:
    """Draw, calibrate, and hold the rest to it; half of the draws are clips in a row, as of one visit."""
    rng = np.random.default_rng(0)
    rates, refused, fault_refused = [], 0, 0
    for number in range(N_DRAWS):
        start = rng.integers(len(scored.normal) - n_clips + 1)
        in_a_row, anywhere = (
            np.arange(start, start + n_clips),
            rng.choice(len(scored.normal), n_clips, replace=False),
        )
        drawn = in_a_row if number % 2 else anywhere
        clips = scored.normal[drawn]
        fault_refused += (
            attempt(scored.calibration, np.append(clips[:-1], rng.choice(scored.abnormal))) is None
        )
        calibration = attempt(scored.calibration, clips)
        if calibration is None:
            refused += 1
            continue
        rates.append(
            [
                alarms(calibration, np.delete(scored.normal, drawn)),
                alarms(calibration, scored.abnormal),
            ]
        )
    before = alarms(scored.calibration, scored.normal)
    kind = ("far" if before > FAR else "others") if is_changed else AS_TRAINED
    # Where every call is refused, all stays as it was.
    after, detection = (
        np.mean(rates, axis=0) if rates else (before, alarms(scored.calibration, scored.abnormal))
    )
    return Outcome(
        level,
        kind,
        before,
        float(after),
        float(detection),
        refused / N_DRAWS,
        fault_refused / N_DRAWS,
    )


def attempt(calibration: Calibration, clip_scores: Scores) -> Calibration | None:
    """Calibrate the device, or None where the clips are refused."""
    try:
        return calibrate_device(calibration, clip_scores)
    except InconsistentClips:
        return None


def alarms(calibration: Calibration, scores: Scores) -> float:
    """The share that is not NORMAL."""
    return float((scores >= calibration.warning).mean())


def summarize(outcomes: Sequence[Outcome]) -> list[Record]:
    """A row a level and kind of response: far ones raise more than half of the false alarms there can be."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: (outcome.level, outcome.kind)):
        groups.setdefault((outcome.level, outcome.kind), []).append(outcome)
    return [
        {
            "level": level,
            "response": kind,
            "n": len(group),
            "false alarms before": fmean(each.before for each in group),
            "after": fmean(each.after for each in group),
            "worst after": max(each.after for each in group),
            f"at {GOAL:.0%} or less": fmean(each.after <= GOAL for each in group),
            "detection after": fmean(each.detection for each in group),
            "healthy clips refused": fmean(each.refused for each in group),
            "a fault among them refused": fmean(each.fault_refused for each in group),
        }
        for (level, kind), group in groups.items()
    ]


if __name__ == "__main__":
    main()
