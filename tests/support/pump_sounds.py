"""Recordings of one pump, and how a phone sends them."""

from io import BytesIO

import numpy as np
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile

from training.demo_sounds import PUMP, SAMPLE_RATE_HZ, RecordingSession, record

URL = "/api/v1/analyses"
BROKEN_BEARING = PUMP.faults[0]
HERE = RecordingSession(speed=1.0, gain=1.0, tilt_db_per_octave=0.0, reflection=0.0, delay_s=1e-3)


def pump(seed=1, *, fault=None, seconds=2.0):
    """One wav of the pump, healthy unless told otherwise."""
    sound = record(np.random.default_rng(seed), PUMP, HERE, seconds=seconds, fault=fault)
    wav = BytesIO()
    soundfile.write(wav, sound, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    return wav.getvalue()


def send(api, content=None, *, name="pump.wav"):
    """Upload a recording of the pump; return the address of its analysis."""
    file = SimpleUploadedFile(name, pump() if content is None else content)
    response = api.post(URL, {"file": file, "model_id": "pump_forest"}, format="multipart")
    assert response.status_code == 201, response.json()
    return response["Location"]
