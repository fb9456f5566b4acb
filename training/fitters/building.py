"""Builds from clips a calibrated artifact, its serving form and its exchange form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis import detectors
from analysis.detectors import Artifact
from analysis.detectors.artifact import select_golden_features
from training.datasets.grouping import Grouping
from training.fitters.base import FileBytes, Fit, Fitter
from training.fitters.clips import ClipFeatures
from training.fitters.held_out import (
    HeldOutScores,
    calibrate_held_out,
    fit_folds,
    fit_length_scale,
    score_held_out,
)
from training.fitters.parity import Parity, check_parity
from training.fitters.profiles import fit_profile, set_profile_limits


@dataclass(frozen=True, slots=True)
class TrainedDetector:
    """A fitted detector as an artifact, its bytes, and how the two forms compare.

    best_loss: mean validation loss of the folds, for fitters that have one.
    """

    artifact: Artifact
    serving_form: FileBytes
    fit: Fit
    parity: Parity
    best_loss: float | None
    accelerator: str


def build_artifact(
    fitter: Fitter,
    clips: Sequence[ClipFeatures],
    grouping: Grouping,
    target_false_alarm_rate: float,
    *,
    on_stage: Callable[[str], None] = lambda name: None,
) -> TrainedDetector:
    """Cross-validate, fit on everything, calibrate, and compare serving and exchange form.

    on_stage is called as each stage begins. Raises NotTrainable for clips that do not differ,
    ParityFailed when the two forms do.
    """
    on_stage("Training")
    fitter.prepare(clips, grouping)
    folds = fit_folds(fitter, clips, grouping)
    final = fitter.fit(clips, phase="final")

    on_stage("Calibrating")
    held_out = score_held_out(fitter, folds, final, clips, grouping)
    artifact = assemble(fitter, final, clips, held_out, grouping, target_false_alarm_rate)
    serving_form = detectors.write(artifact)

    on_stage("Comparing serving and exchange form")
    as_served = detectors.read(serving_form)
    assert isinstance(as_served, Artifact), "a fitter makes no legacy detector"
    parity = check_parity(as_served, fitter, final, clips)
    return TrainedDetector(
        artifact=as_served,
        serving_form=serving_form,
        fit=final,
        parity=parity,
        best_loss=fitter.best_loss,
        accelerator=fitter.accelerator,
    )


def assemble(
    fitter: Fitter,
    final: Fit,
    clips: Sequence[ClipFeatures],
    held_out: HeldOutScores,
    grouping: Grouping,
    target_false_alarm_rate: float,
) -> Artifact:
    """Put the artifact together from the final fit and the held-out scores."""
    golden = select_golden_features(clips[0].windows[0].features)
    scale = fit_length_scale(held_out)
    profile = fit_profile(clips)
    return Artifact(
        front_end=fitter.front_end,
        detector=final.detector,
        calibration=calibrate_held_out(held_out, scale, grouping, target_false_alarm_rate),
        length_scale=scale,
        profile=set_profile_limits(profile, clips, held_out.peaks, fitter.front_end),
        golden_features=golden,
        golden_score=final.detector.compute_anomaly_score(golden),
    )
