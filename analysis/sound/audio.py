"""Decode a recording of any format to one waveform, or raise the error that names the problem."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from analysis.errors import EmptyRecording, TooLarge, UndecodableAudio
from analysis.sound.containers import CONTAINERS, Identified, identify_container
from analysis.sound.decoding import messages
from analysis.sound.decoding.blocks import (
    LOSSLESS,
    SAMPLE_RATE_HZ,
    STEP_OF_16_BITS,
    Samples,
)
from analysis.sound.decoding.clip import AVERAGE, CHOOSE, Clip, Limits, Pick, Waveform
from analysis.sound.decoding.clipping import MIN_CLIPPED_FRACTION
from analysis.sound.decoding.mixing import (
    MAX_SOURCE_RATE_HZ,
    MIN_SOURCE_RATE_HZ,
    check_duration,
    mix_at_own_rate,
    mix_sound,
)
from analysis.sound.decoding.pool import get_decoders
from analysis.sound.decoding.sndfile import open_with_sndfile
from analysis.sound.decoding.steps import EDGE_SECONDS

__all__ = [
    "AVERAGE",
    "CHOOSE",
    "EDGE_SECONDS",
    "LOSSLESS",
    "MAX_SOURCE_RATE_HZ",
    "MIN_CLIPPED_FRACTION",
    "MIN_SOURCE_RATE_HZ",
    "SAMPLE_RATE_HZ",
    "STEP_OF_16_BITS",
    "Clip",
    "Limits",
    "Pick",
    "Waveform",
    "decode",
    "read_at_own_rate",
]


DEFAULT_LIMITS = Limits()


def decode(source: bytes | Path, limits: Limits = DEFAULT_LIMITS, *, pick: Pick = CHOOSE) -> Clip:
    """Decode one channel of a recording at 16 kHz; its format is recognised by its content alone.

    Raises the error of analysis.errors that names why the recording cannot be judged, as early as
    the bytes allow, so that a hostile file costs little. What libsndfile does not read is decoded
    in a process apart, because a file may break a decoder; DecoderBusy where none is free.
    """
    content = _read(source, limits)
    file = identify_container(content)
    check_duration(file.seconds, limits)
    clip = _decode_file(file, limits, pick)
    return replace(clip, is_header_damaged=True) if file.is_header_damaged else clip


def _decode_file(file: Identified, limits: Limits, pick: Pick) -> Clip:
    if file.container.demuxer is None:
        open_sound = partial(open_with_sndfile, file.content, file.container)
        return mix_sound(open_sound, file.container, file.seconds, limits, pick)
    request = _make_request(messages.CLIP, file, limits, pick)
    return get_decoders().decode(request, file.content).to_clip()


def read_at_own_rate(source: bytes | Path, *, pick: Pick = AVERAGE) -> tuple[Samples, int]:
    """Return (n_samples,) of one channel at the recording's own sample rate, and that rate.

    pick: a number, or AVERAGE. For recordings that were decoded once before, and so need no checks.
    """
    raw = source.read_bytes() if isinstance(source, Path) else source
    file = identify_container(raw)
    if file.container.demuxer is None:
        with open_with_sndfile(file.content, file.container) as sound:
            return mix_at_own_rate(sound, pick)
    request = _make_request(messages.OWN_RATE, file, DEFAULT_LIMITS, pick)
    decoded = get_decoders().decode(request, file.content)
    return decoded.samples, int(decoded.facts["sample_rate_hz"])


def _make_request(wanted: str, file: Identified, limits: Limits, pick: Pick) -> messages.Request:
    return messages.Request(
        wanted=wanted,
        container=CONTAINERS.index(file.container),
        walked_s=file.seconds,
        limits=limits,
        pick=pick,
        n_bytes=len(file.content),
    )


def _read(source: bytes | Path, limits: Limits) -> bytes:
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size > limits.max_bytes:
            raise TooLarge(
                f"The recording has {size} bytes; at most {limits.max_bytes} are accepted."
            )
        content = source.read_bytes() if isinstance(source, Path) else source
    except OSError as exc:
        raise UndecodableAudio(f"The file cannot be read: {exc.strerror}.") from exc
    if not content:
        raise EmptyRecording("The file is empty.")
    return content
