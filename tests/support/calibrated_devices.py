"""Clips through another microphone, and the requests that calibrate a device on them."""

from io import BytesIO

import numpy as np
import soundfile
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.pump_sounds import pump


def change_microphone(wav, *, tilt_db_per_octave=-5.0):
    """Return the wav with the balance of high and low changed."""
    sound, rate_hz = soundfile.read(BytesIO(wav))
    spectrum = np.fft.rfft(sound)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(sound), 1 / rate_hz), 20) / 1000)
    changed_sound = np.fft.irfft(spectrum * 10 ** (tilt_db_per_octave * octaves / 20), len(sound))
    changed = BytesIO()
    soundfile.write(
        changed,
        0.5 * changed_sound / np.abs(changed_sound).max(),
        rate_hz,
        format="WAV",
        subtype="PCM_16",
    )
    return changed.getvalue()


def make_shifted_clips(seeds, **options):
    """Return clips of the healthy pump through that microphone."""
    return [change_microphone(pump(seed, **options)) for seed in seeds]


def calibrate(api, clips, *, device="pump-07", **fields):
    """Calibrate a device on these clips; return the response."""
    files = [SimpleUploadedFile(f"clip{n}.wav", clip) for n, clip in enumerate(clips)]
    return api.post(
        f"/api/v1/devices/{device}/calibrations", {"files": files} | fields, format="multipart"
    )


def analyze(api, clip, **fields):
    """Analyse a clip; return the body of the answer."""
    params = {
        "file": SimpleUploadedFile("clip.wav", clip),
        "model_id": "pump_forest",
        "device_id": "pump-07",
    } | fields
    response = api.post("/api/v1/analyses", params, format="multipart")
    assert response.status_code == 201, response.json()
    return response.json()
