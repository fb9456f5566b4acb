"""Whether a recording holds what a model learnt to listen to: what it lacks would be heard as a fault."""

import numpy as np

from analysis.errors import BandwidthTooNarrow, RecordingTooShort
from analysis.sound.explanation import Profile
from analysis.sound.features import FrontEnd
from analysis.sound.quality import AUDIBLE_BAND_DBFS, BAND_HZ, Quality

# Half the training length, less what codecs and recorders take away at the ends. Below, statistics stray farther than
# the length scale tells: at a third every normal clip of two engines was an alarm at level 3.
MIN_SHARE = 0.49
# A band stands so far above the floor of the frames, and above what no recorder keeps, before it can be missed.
CLEAR_DB = 6.0


def refuse_unfit(quality: Quality, front_end: FrontEnd, profile: Profile) -> None:
    """Raise RecordingTooShort or BandwidthTooNarrow where the recording lacks what the training clips had."""
    refuse_shorter(quality.duration_s, front_end.spec.clip_seconds)
    learnt_hz = front_end.spec.bandwidth_hz
    # A sample rate leaves no doubt. What a codec took away is told from what is quiet by nature.
    if quality.sample_rate_hz / 2 >= learnt_hz:
        learnt_hz = min(learnt_hz, audible_hz(quality.level_dbfs, front_end, profile))
    if quality.bandwidth_hz < learnt_hz:
        raise BandwidthTooNarrow(
            f"The recording holds sound up to {kilohertz(quality.bandwidth_hz)} only, and the model has learnt to"
            f" listen up to {kilohertz(learnt_hz)}: what is missing would be heard as a fault. Record at 44.1 or"
            " 48 kHz, with an app that is not made for speech, or train a model on recordings like this one."
        )


def refuse_shorter(duration_s: float, clip_seconds: float) -> None:
    """Raise RecordingTooShort for less than half the training length."""
    if duration_s < MIN_SHARE * clip_seconds:
        raise RecordingTooShort(
            f"The recording is {duration_s:.1f} s long. The model has learnt from recordings of {clip_seconds:.1f} s"
            f" and needs half of that: record for {clip_seconds / 2:.1f} s or more."
        )


def audible_hz(level_dbfs: float, front_end: FrontEnd, profile: Profile) -> float:
    """Up to where a normal clip of this level can be heard: above the frames' floor, and above what recorders keep.

    A band that is quiet by nature is not missed, nor is one that a quiet recording loses to its 16 bits.
    """
    power = 10 ** (profile.clip_mean.astype(np.float64) / 10)
    width_hz = (front_end.band_hz[2:] - front_end.band_hz[:-2]) / 2
    expected_dbfs = level_dbfs + 10 * np.log10(power * BAND_HZ / (power * width_hz).sum())
    floor_db = 10 * np.log10(front_end.spec.relative_floor)
    can_be_missed = (profile.clip_mean > floor_db + CLEAR_DB) & (
        expected_dbfs > AUDIBLE_BAND_DBFS + CLEAR_DB
    )
    found = np.flatnonzero(can_be_missed)
    return float(front_end.band_hz[found[-1] + 2]) if found.size else 0.0


def kilohertz(frequency_hz: float) -> str:
    """For people."""
    return f"{frequency_hz / 1000:.1f} kHz"
