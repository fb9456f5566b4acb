"""What goes through the pipe to a decoding child and back: a line of JSON, then bytes.

Neither side trusts the other's lengths beyond its own bounds, and nothing is ever unpickled.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import IO, Any

import numpy as np

from analysis import errors
from analysis.errors import RecordingRefused, UndecodableAudio
from analysis.sound.decoding.blocks import SAMPLE_RATE_HZ, Samples
from analysis.sound.decoding.clip import Clip, Limits, Pick
from analysis.sound.decoding.gaps import Gap
from analysis.sound.decoding.mixing import MAX_SOURCE_RATE_HZ

MAX_HEADER_BYTES = 64 * 1024
CLIP = "clip"
OWN_RATE = "own rate"


class PipeBroken(Exception):
    """The other side ended, or sent what no message looks like."""


@dataclass(frozen=True, slots=True)
class Request:
    """Decode `n_bytes` of the container with this index.

    wanted: CLIP, or OWN_RATE for the samples of the picked channel at the rate of the source.
    """

    wanted: str
    container: int
    walked_s: float
    limits: Limits
    pick: Pick
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """Samples as they came, and what else was measured."""

    samples: Samples
    facts: Mapping[str, Any]

    @classmethod
    def of_clip(cls, clip: Clip) -> "Decoded":
        """Take a clip apart."""
        names = [field.name for field in fields(clip) if field.name != "waveform"]
        return cls(clip.waveform, {name: getattr(clip, name) for name in names})

    def to_clip(self) -> Clip:
        """Put a clip together."""
        gaps = tuple(Gap(*each) for each in self.facts["gaps"])
        return Clip(waveform=self.samples, **dict(self.facts) | {"gaps": gaps})


def write_header(pipe: IO[bytes], header: Mapping[str, Any]) -> None:
    """Write one line."""
    pipe.write(json.dumps(header).encode() + b"\n")


def read_header(pipe: IO[bytes]) -> dict[str, Any] | None:
    """Read one line; None where the other side has ended."""
    line = pipe.readline(MAX_HEADER_BYTES)
    if not line:
        return None
    try:
        header = json.loads(line)
    except ValueError as exc:
        raise PipeBroken("The header is no JSON.") from exc
    if not isinstance(header, dict):
        raise PipeBroken("The header is no object.")
    return header


def send_request(pipe: IO[bytes], request: Request, content: bytes) -> None:
    """Write a request and the bytes to decode."""
    write_header(pipe, asdict(request))
    pipe.write(content)
    pipe.flush()


def receive_request(pipe: IO[bytes]) -> tuple[Request, bytes] | None:
    """Read a request; None where the parent has ended."""
    header = read_header(pipe)
    if header is None:
        return None
    request = Request(**header | {"limits": Limits(**header["limits"])})
    content = pipe.read(request.n_bytes)
    return (request, content) if len(content) == request.n_bytes else None


def send_samples(pipe: IO[bytes], decoded: Decoded) -> None:
    """Write an answer."""
    write_header(pipe, {"n_samples": len(decoded.samples), "facts": decoded.facts})
    pipe.write(np.ascontiguousarray(decoded.samples).view(np.uint8).data)
    pipe.flush()


def send_refusal(pipe: IO[bytes], refusal: RecordingRefused) -> None:
    """Write why there is no answer."""
    write_header(pipe, {"refused": type(refusal).__name__, "detail": str(refusal)})
    pipe.flush()


def receive_answer(pipe: IO[bytes], limits: Limits) -> Decoded:
    """Read an answer, or raise the error that it names."""
    header = read_header(pipe)
    if header is None:
        raise PipeBroken("The decoder ended.")
    if "refused" in header:
        raise REFUSALS.get(header["refused"], UndecodableAudio)(str(header.get("detail", "")))

    n_samples = header.get("n_samples")
    rate_hz = max(SAMPLE_RATE_HZ, MAX_SOURCE_RATE_HZ)
    if not isinstance(n_samples, int) or not 0 < n_samples <= (limits.max_seconds + 1) * rate_hz:
        raise PipeBroken("No recording has so many samples.")
    return Decoded(read_samples(pipe, n_samples), header["facts"])


def read_samples(pipe: IO[bytes], n_samples: int) -> Samples:
    """Read so many samples, (n_samples,)."""
    samples = np.empty(n_samples, np.float32)
    view = samples.view(np.uint8).data
    n_read = 0
    while n_read < len(view):
        n = pipe.readinto(view[n_read:])  # type: ignore[attr-defined]
        if not n:
            raise PipeBroken("The decoder ended.")
        n_read += n
    if not np.isfinite(samples).all():
        raise PipeBroken("The decoder sent what is no sound.")
    return samples


REFUSALS: dict[str, type[RecordingRefused]] = {
    name: error
    for name, error in vars(errors).items()
    if isinstance(error, type) and issubclass(error, RecordingRefused)
}
