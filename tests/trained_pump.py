"""An artifact that really listens: a small forest, trained once a session on the pump of the tests."""

from analysis import detectors
from analysis.audio import decode
from tests.pump_sounds import pump
from training.forest import ForestFitter
from training.front_end import build_front_end
from training.grouping import group_clips
from training.held_out import calibrate_held_out, fit_folds, fit_profile, score_held_out

N_CLIPS, CLIPS_PER_TAKE = 24, 4


def train() -> bytes:
    """The serving form of a forest that knows the pump of seeds 100 to 123."""
    waveforms = [decode(pump(100 + n)).waveform for n in range(N_CLIPS)]
    front_end = build_front_end(waveforms)
    clips = [front_end.window_frames(front_end.mel_power(waveform)) for waveform in waveforms]
    fitter = ForestFitter(front_end, seed=0, accelerator="cpu", parameters={"n_estimators": 50})
    grouping = group_clips([f"take{n // CLIPS_PER_TAKE}" for n in range(N_CLIPS)], max_folds=3)
    folds, final = fit_folds(fitter, clips, grouping), fitter.fit(clips, phase="final")
    held_out = score_held_out(fitter, folds, final, clips, grouping)
    artifact = detectors.Artifact(
        front_end=front_end,
        detector=final.detector,
        calibration=calibrate_held_out(held_out, grouping, 0.05),
        profile=fit_profile(clips, held_out),
        golden_frames=clips[0][0],
        golden_score=final.detector.anomaly_score(clips[0][0]),
    )
    return detectors.write(artifact)
