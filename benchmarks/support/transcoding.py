"""The same recording as other phones and browsers would send it."""

import io
from pathlib import Path
from typing import cast

import av
import numpy as np
import soundfile
import soxr

BIT_RATE = 64_000
# Muxer, encoder, sample rate (None: that of the recording).
LOSSY = {"m4a": ("ipod", "aac", None), "webm": ("webm", "libopus", 48_000)}
LOSSLESS = {"wav": "WAV", "flac": "FLAC"}


def transcode(path: Path, form: str, *, bit_rate: int = BIT_RATE) -> bytes:
    """Read a recording and write it as wav, flac, m4a (AAC) or webm (Opus)."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    if form in LOSSLESS:
        file = io.BytesIO()
        soundfile.write(file, samples, rate_hz, format=LOSSLESS[form], subtype="PCM_16")
        return file.getvalue()
    return encode(samples.mean(axis=1), rate_hz, *LOSSY[form], bit_rate=bit_rate)


def encode(
    samples: np.ndarray,
    rate_hz: int,
    muxer: str,
    encoder: str,
    target_rate_hz: int | None,
    *,
    bit_rate: int,
) -> bytes:
    """Encode a mono waveform with FFmpeg."""
    if target_rate_hz and rate_hz != target_rate_hz:
        samples = soxr.resample(samples, rate_hz, target_rate_hz, quality="HQ")
        rate_hz = target_rate_hz
    samples = np.ascontiguousarray(samples[np.newaxis], np.float32)
    frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
    frame.sample_rate = rate_hz
    frame.pts = 0

    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        stream = cast(av.AudioStream, container.add_stream(encoder, rate=rate_hz, layout="mono"))
        stream.bit_rate = bit_rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()
