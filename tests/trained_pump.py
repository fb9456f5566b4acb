"""An artifact that really listens: a small forest, trained once a session on the pump of the tests."""

from analysis.audio import decode
from tests.pump_sounds import pump
from training.building import build
from training.forest import ForestFitter
from training.front_end import build_front_end
from training.grouping import group_clips

N_CLIPS, CLIPS_PER_TAKE = 24, 4


def train() -> bytes:
    """The serving form of a forest that knows the pump of seeds 100 to 123."""
    waveforms = [decode(pump(100 + n)).waveform for n in range(N_CLIPS)]
    front_end = build_front_end(waveforms)
    clips = [front_end.window_frames(front_end.mel_power(waveform)) for waveform in waveforms]
    fitter = ForestFitter(front_end, seed=0, accelerator="cpu", parameters={"n_estimators": 50})
    grouping = group_clips([f"take{n // CLIPS_PER_TAKE}" for n in range(N_CLIPS)], max_folds=3)
    return build(fitter, clips, grouping, 0.05).serving_form
