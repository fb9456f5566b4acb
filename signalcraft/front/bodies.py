"""Read the body of a request before a thread is taken: bounded in bytes, in time and together."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

from analysis.errors import TooLarge
from core.errors import InvalidRequest, TooSlow
from signalcraft.front.admission import Admission

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

FIRST_BYTE_SECONDS = 10.0
BYTES_PER_SECOND = 16_000
# Of what is refused: how long a silence ends it, and how long it may take in all.
DRAIN_SILENCE_SECONDS = 3.0
DRAIN_SECONDS = 30.0
# Larger ones lie on disk while they wait.
IN_MEMORY_BYTES = 1024 * 1024


class Disconnected(Exception):
    """The client has gone."""


@dataclass(slots=True)
class Body:
    """What has arrived; whoever has read it closes it."""

    file: "SpooledTemporaryFile[bytes]"
    admission: Admission
    n_bytes: int = 0
    n_reserved: int = 0

    def reserve(self, n_bytes: int) -> None:
        """Take memory for so many bytes in all."""
        if n_bytes > self.n_reserved:
            self.admission.reserve(n_bytes - self.n_reserved)
            self.n_reserved = n_bytes

    def write(self, chunk: bytes) -> None:
        self.n_bytes += len(chunk)
        self.reserve(self.n_bytes)
        self.file.write(chunk)

    def close(self) -> None:
        """Forget it, and give its memory back."""
        self.file.close()
        self.admission.release(self.n_reserved)
        self.n_reserved = 0


async def read_body(
    receive: Receive, *, declared: int, max_bytes: int, admission: Admission
) -> Body:
    """Return the whole body, or raise TooLarge, TooSlow, TooManyAtOnce or Disconnected."""
    body = Body(SpooledTemporaryFile(max_size=IN_MEMORY_BYTES), admission)  # noqa: SIM115
    try:
        _check_size(declared, max_bytes)
        body.reserve(declared)
        await _fill(body, receive, max_bytes)
    except BaseException:
        body.close()
        raise
    body.file.seek(0)
    return body


async def _fill(body: Body, receive: Receive, max_bytes: int) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    is_complete = False
    while not is_complete:
        # What has arrived buys time for what follows.
        deadline = begun + FIRST_BYTE_SECONDS + body.n_bytes / BYTES_PER_SECOND
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError as exc:
            raise TooSlow(
                f"The request arrives too slowly: less than {BYTES_PER_SECOND // 1000} kB/s."
            ) from exc
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        _check_size(body.n_bytes + len(chunk), max_bytes)
        body.write(chunk)
        is_complete = not message.get("more_body", False)


async def drain(receive: Receive) -> None:
    """Read on and forget it: many clients listen only when they have sent all."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            is_complete = False
            while not is_complete:
                message = await asyncio.wait_for(receive(), DRAIN_SILENCE_SECONDS)
                is_complete = not message.get("more_body", False)


def _check_size(n_bytes: int, max_bytes: int) -> None:
    if n_bytes > max_bytes:
        raise TooLarge(f"A request may have at most {max_bytes / 2**20:g} MiB here.")


def parse_length(header: str | None) -> int:
    """Read a Content-Length; 0 where there is none."""
    if header is None:
        return 0
    if not (header.isascii() and header.isdigit() and len(header) < 16):
        raise InvalidRequest("The Content-Length is no number.")
    return int(header)
