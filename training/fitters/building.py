"""From clips to a calibrated artifact, its serving form and its exchange form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis import detectors
from analysis.detectors import Artifact
from analysis.detectors.artifact import select_golden_features
from training.datasets.grouping import Grouping
from training.fitters.base import FileBytes, Fit, Fitter
from training.fitters.clips import ClipFeatures
from training.fitters.held_out import (
    calibrate_held_out,
    fit_folds,
    fit_profile,
    length_scale,
    score_held_out,
    set_profile_limits,
)
from training.fitters.parity import Parity, check_parity


@dataclass(frozen=True, slots=True)
class TrainedDetector:
    """A fitted detector as an artifact, its bytes, and how the two forms compare."""

    artifact: Artifact
    serving_form: FileBytes
    fit: Fit
    parity: Parity


def build_artifact(
    fitter: Fitter,
    clips: Sequence[ClipFeatures],
    grouping: Grouping,
    target_false_alarm_rate: float,
    *,
    on_stage: Callable[[str], None] = lambda name: None,
) -> TrainedDetector:
    """Cross-validate, fit on everything, calibrate, and compare the two forms; on_stage is called as each begins.

    Raises NotTrainable for clips that do not differ, ParityFailed when the forms do.
    """
    on_stage("Training")
    fitter.prepare(clips, grouping)
    folds = fit_folds(fitter, clips, grouping)
    final = fitter.fit(clips, phase="final")
    on_stage("Calibrating")
    held_out = score_held_out(fitter, folds, final, clips, grouping)
    scale = length_scale(held_out)
    golden = select_golden_features(clips[0].windows[0].description)
    artifact = Artifact(
        front_end=fitter.front_end,
        detector=final.detector,
        calibration=calibrate_held_out(held_out, scale, grouping, target_false_alarm_rate),
        length_scale=scale,
        profile=set_profile_limits(fit_profile(clips), clips, held_out, fitter.front_end),
        golden_features=golden,
        golden_score=final.detector.compute_anomaly_score(golden),
    )
    serving_form = detectors.write(artifact)
    on_stage("Comparing serving and exchange form")
    as_served = detectors.read(serving_form)
    assert isinstance(as_served, Artifact), "a fitter makes no legacy detector"
    return TrainedDetector(
        as_served, serving_form, final, check_parity(as_served, fitter, final, clips)
    )
