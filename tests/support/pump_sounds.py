"""Recordings of one pump, as a phone would send them."""

from io import BytesIO

import numpy as np
import soundfile

from training.demo_sounds import PUMP, SAMPLE_RATE_HZ, RecordingSession, record

BROKEN_BEARING = PUMP.faults[0]
HERE = RecordingSession(speed=1.0, gain=1.0, tilt_db_per_octave=0.0, reflection=0.0, delay_s=1e-3)


def pump(seed=1, *, fault=None, seconds=2.0):
    """One wav of the pump, healthy unless told otherwise."""
    sound = record(np.random.default_rng(seed), PUMP, HERE, seconds=seconds, fault=fault)
    wav = BytesIO()
    soundfile.write(wav, sound, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    return wav.getvalue()
