"""How far a few normal clips calibrate a device with another microphone, at each level.

Some clips of the healthy machine calibrate the device; the others, and the abnormal ones, are then
judged.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from analysis.detectors import Artifact
from analysis.detectors.calibration import Calibration
from analysis.detectors.device_calibration import calibrate_device
from analysis.detectors.score_distribution import Scores
from analysis.errors import InconsistentClips
from analysis.sound.audio import Waveform
from benchmarks.support import sheets
from benchmarks.support.levels import find_sets, list_levels
from benchmarks.support.machine_sets import ABNORMAL, NORMAL, MachineSet, add_set_options
from benchmarks.support.methods import train_artifact
from benchmarks.support.responses import RESPONSES, Response, filter_waveform
from benchmarks.support.sandbox import open_sandbox
from benchmarks.support.sheets import Record
from training.evaluation.intervals import Indices

MAX_ABNORMAL = 40
N_TRIALS = 20
FAR = 0.5
AS_TRAINED = "as trained"
GOAL = 0.1


@dataclass(frozen=True, slots=True)
class ResponseScores:
    """The scores that a version gives to normal and abnormal clips through one microphone."""

    calibration: Calibration
    normal: Scores
    abnormal: Scores


@dataclass(frozen=True, slots=True)
class Trial:
    """One try to calibrate: whether it was refused, also with a fault, and the rates after."""

    is_refused: bool
    is_fault_refused: bool
    after: float
    detection: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """Shares at one level, set and response; rates are means over the trials not refused."""

    level: str
    response: str
    before: float
    after: float
    detection: float
    refused: float
    fault_refused: float


def main() -> None:
    """Measure and print."""
    options = parse_options()
    with open_sandbox():
        outcomes = list(measure_all(options))
    title = f"{options.n_clips} clips of a device through another microphone"
    records = summarize(outcomes)
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
        "--n_clips", type=int, default=5, help="clips that calibrate (default: %(default)s)"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table for a page")
    return parser.parse_args()


def measure_all(options: argparse.Namespace) -> Iterator[Outcome]:
    """Measure every set, level and response; a set needs twice as many normal clips."""
    groups = dict(pair.split("=", 1) for pair in options.group_by)
    for folder in find_sets(options.data, options.sets):
        machine = MachineSet.read(folder, groups.get(folder.name))
        if len(machine.waveforms[NORMAL]) < 2 * options.n_clips:
            continue
        for level in options.levels or list_levels():
            print(f"{machine.name}, {level}", flush=True)
            artifact = train_artifact(machine, level)
            for response in (None, *RESPONSES.values()):
                scores = score_through(artifact, machine, response)
                yield measure(level, scores, options.n_clips, is_changed=response is not None)


def score_through(
    artifact: Artifact,
    machine: MachineSet,
    response: Response | None,
) -> ResponseScores:
    """Score the test clips through a microphone, or as they are; of abnormal ones only some."""

    def score_all(clips: Sequence[Waveform]) -> Scores:
        changed = [filter_waveform(clip, response) if response else clip for clip in clips]
        return np.array([artifact.compute_anomaly_score(clip) for clip in changed])

    return ResponseScores(
        artifact.calibration,
        normal=score_all(machine.waveforms[NORMAL]),
        abnormal=score_all(machine.waveforms[ABNORMAL][:MAX_ABNORMAL]),
    )


def measure(level: str, scores: ResponseScores, n_clips: int, *, is_changed: bool) -> Outcome:
    """Calibrate N_TRIALS times with random clips, and average what comes of it."""
    rng = np.random.default_rng(0)
    trials = [
        run_trial(scores, sample_clips(rng, len(scores.normal), n_clips, number), rng)
        for number in range(N_TRIALS)
    ]

    before = compute_alarm_rate(scores.calibration, scores.normal)
    response = ("far" if before > FAR else "others") if is_changed else AS_TRAINED
    # Where every calibration is refused, all stays as it was.
    uncalibrated = (before, compute_alarm_rate(scores.calibration, scores.abnormal))
    rates = [(trial.after, trial.detection) for trial in trials if not trial.is_refused]
    after, detection = np.mean(rates or [uncalibrated], axis=0)
    return Outcome(
        level,
        response,
        before,
        after=float(after),
        detection=float(detection),
        refused=fmean(trial.is_refused for trial in trials),
        fault_refused=fmean(trial.is_fault_refused for trial in trials),
    )


def sample_clips(rng: np.random.Generator, n: int, n_clips: int, number: int) -> Indices:
    """Return the clips of one trial: every other time clips in a row, as of one visit."""
    start = rng.integers(n - n_clips + 1)
    anywhere = rng.choice(n, n_clips, replace=False)
    return np.arange(start, start + n_clips) if number % 2 else anywhere


def run_trial(scores: ResponseScores, clips: Indices, rng: np.random.Generator) -> Trial:
    """Calibrate with some normal clips, and judge the other normal ones and the abnormal ones."""
    chosen = scores.normal[clips]
    with_fault = np.append(chosen[:-1], rng.choice(scores.abnormal))
    is_fault_refused = try_to_calibrate(scores.calibration, with_fault) is None

    calibration = try_to_calibrate(scores.calibration, chosen)
    others = np.delete(scores.normal, clips)
    effective = calibration or scores.calibration
    return Trial(
        calibration is None,
        is_fault_refused,
        after=compute_alarm_rate(effective, others),
        detection=compute_alarm_rate(effective, scores.abnormal),
    )


def try_to_calibrate(calibration: Calibration, clip_scores: Scores) -> Calibration | None:
    """Calibrate the device; None where the clips are refused."""
    try:
        return calibrate_device(calibration, clip_scores)
    except InconsistentClips:
        return None


def compute_alarm_rate(calibration: Calibration, scores: Scores) -> float:
    """Return the share of scores that are not NORMAL."""
    return float((scores >= calibration.warning).mean())


def summarize(outcomes: Sequence[Outcome]) -> list[Record]:
    """Make a record a level and group of responses; far: more than half of the clips alarm."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: (outcome.level, outcome.response)):
        groups.setdefault((outcome.level, outcome.response), []).append(outcome)
    return [
        {
            "level": level,
            "response": response,
            "n": len(group),
            "false alarms before": fmean(each.before for each in group),
            "after": fmean(each.after for each in group),
            "worst after": max(each.after for each in group),
            f"at {GOAL:.0%} or less": fmean(each.after <= GOAL for each in group),
            "detection after": fmean(each.detection for each in group),
            "healthy clips refused": fmean(each.refused for each in group),
            "a fault among them refused": fmean(each.fault_refused for each in group),
        }
        for (level, response), group in groups.items()
    ]


if __name__ == "__main__":
    main()
