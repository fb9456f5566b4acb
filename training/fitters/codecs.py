"""Describes the training recordings as codecs store them: one condition a codec and bit rate."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import av
import joblib
import numpy as np

from analysis.detectors import Detector
from analysis.detectors.artifact import DETECTORS
from analysis.detectors.calibration import MIN_CLIPS
from analysis.detectors.conditions import CONDITIONS
from analysis.errors import RecordingRefused
from analysis.sound.audio import decode
from analysis.sound.features import FrontEnd, Waveform
from training.fitters.base import Fitter
from training.fitters.clips import ClipFeatures
from training.fitters.sounds import Sound

# Phones record no higher, and codecs take rates above only by name.
MAX_CODEC_RATE_HZ = 48_000
# From all over the folder: more would cost time and change little.
MAX_CODEC_CLIPS = 40


def compress(sound: Sound, *, encoder: str, muxer: str, bit_rate: int) -> Waveform:
    """Encode with a lossy codec and decode as a server would."""
    sample_rate_hz = codec_rate_hz(encoder, sound.sample_rate_hz)
    samples = np.ascontiguousarray(sound.at(sample_rate_hz)[np.newaxis])
    frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
    frame.sample_rate = sample_rate_hz
    frame.pts = 0

    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as container:
        stream = container.add_stream(encoder, rate=sample_rate_hz, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = bit_rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return decode(file.getvalue()).waveform


def codec_rate_hz(encoder: str, sample_rate_hz: int) -> int:
    """Return the recording's own rate where the codec has it, else the codec's highest."""
    rates = av.Codec(encoder, "w").audio_rates or []
    if sample_rate_hz in rates:
        return sample_rate_hz
    return max(rate for rate in rates if rate <= MAX_CODEC_RATE_HZ)


CODECS: dict[str, Callable[[Sound], Waveform]] = {
    "aac_64k": partial(compress, encoder="aac", muxer="ipod", bit_rate=64_000),
    "aac_32k": partial(compress, encoder="aac", muxer="ipod", bit_rate=32_000),
    "opus_16k": partial(compress, encoder="libopus", muxer="webm", bit_rate=16_000),
}
assert CODECS.keys() == set(CONDITIONS)


@dataclass(frozen=True, slots=True)
class StoredClips:
    """Clips as one codec stores them, and the recording session of each."""

    clips: Sequence[ClipFeatures]
    groups: Sequence[str]


def extract_through_codecs(
    front_end: FrontEnd,
    fitter_class: type[Fitter],
    sounds: Sequence[Callable[[], Sound]],
    groups: Sequence[str],
    *,
    on_step: Callable[[], None] = lambda: None,
) -> dict[str, StoredClips]:
    """Extract MAX_CODEC_CLIPS clips, or all of fewer, through each codec, if fitters learn them.

    sounds: of every clip, each read only if needed. A codec that leaves too few clips audible is
    left out.
    """
    if not fitter_class.learns_codecs:
        return {}
    detector_class = DETECTORS[fitter_class.detector_type]
    n_clips = min(MAX_CODEC_CLIPS, len(sounds))
    indices = np.linspace(0, len(sounds) - 1, n_clips).astype(int)
    parallel = joblib.Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    by_clip = []
    for through_codecs in parallel(
        joblib.delayed(extract_clip)(front_end, detector_class, sounds[i]) for i in indices
    ):
        by_clip.append(through_codecs)
        on_step()

    stored = {}
    for name in CODECS:
        audible = [i for i, through_codecs in enumerate(by_clip) if name in through_codecs]
        if len(audible) >= MIN_CLIPS:
            stored[name] = StoredClips(
                [by_clip[i][name] for i in audible], [groups[indices[i]] for i in audible]
            )
    return stored


def extract_clip(
    front_end: FrontEnd, detector_class: type[Detector], read: Callable[[], Sound]
) -> dict[str, ClipFeatures]:
    """Extract one clip through each codec that leaves it audible."""
    sound = read()
    features = {}
    for name, codec in CODECS.items():
        try:
            features[name] = ClipFeatures.extract_to_fit(codec(sound), front_end, detector_class)
        except RecordingRefused:
            # Too quiet for this codec, which a recording of that machine will be, too.
            continue
    return features
