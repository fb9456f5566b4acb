"""The decoding children of this process: started by exec, kept warm, replaced when they break."""

import atexit
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from typing import IO

from analysis.errors import DecoderBusy, RecordingRefused, UndecodableAudio
from analysis.sound.decoding import messages
from analysis.sound.decoding.memory_watch import needs_watch, read_resident_bytes
from analysis.sound.decoding.messages import Decoded, PipeBroken, Request
from analysis.sound.decoding.sandbox import WORKING_BYTES

if sys.platform == "linux":
    import fcntl

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "analysis.sound.decoding_child")
# Where programs and temporary files are, and no secret.
INHERITED = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LD_LIBRARY_PATH", "PYTHONPATH")
START_SECONDS = 30.0
# Over the limit of decoding, for the bytes to go there and back.
MARGIN_SECONDS = 2.0
# A library that leaks a little must not leak for ever.
MAX_FILES = 1000
MAX_RESIDENT_BYTES = 2 * WORKING_BYTES
WATCH_SECONDS = 0.25
PIPE_BYTES = 1024 * 1024


class Decoder:
    """One child; whoever holds it is alone with it."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self._process = subprocess.Popen(
            COMMAND,
            cwd=ROOT,
            # Threads would wait for each other, and need memory each.
            env=environment | {"OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._n_files = 0
        widen(self._requests)
        widen(self._answers)
        with self._deadline(START_SECONDS):
            greeting = messages.read_header(self._answers)
        if greeting is None:
            self.close()
            raise PipeBroken(f"The decoder did not start: exit code {self._process.returncode}.")
        self.sandbox = tuple(map(str, greeting.get("sandbox", ())))

    def decode(self, request: Request, content: bytes) -> Decoded:
        """Decode in the child; raises PipeBroken if it ends, TimeoutError if it was stopped."""
        self._n_files += 1
        with self._deadline(request.limits.max_decode_seconds + MARGIN_SECONDS) as stopped:
            try:
                messages.send_request(self._requests, request, content)
                return messages.receive_answer(self._answers, request.limits)
            except (PipeBroken, OSError) as exc:
                if stopped.is_set():
                    raise TimeoutError from exc
                raise PipeBroken from exc

    @property
    def can_go_on(self) -> bool:
        """Whether it lives and is not worn out."""
        return self._process.poll() is None and self._n_files < MAX_FILES

    def close(self) -> None:
        """End the child."""
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with suppress(OSError):  # a request half written
            self._requests.close()

    @property
    def _requests(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    @contextmanager
    def _deadline(self, seconds: float) -> Iterator[threading.Event]:
        """Kill the child when the time is over; the event says that it was."""
        stopped = threading.Event()
        watch = _Watch(self._process, seconds, stopped)
        watch.start()
        try:
            yield stopped
        finally:
            watch.cancel()


def widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold most recordings at once, so that the two sides need not take turns."""
    if sys.platform == "linux":
        with suppress(OSError):  # a user may have too many wide pipes already
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


class _Watch(threading.Thread):
    """Kills a process after some time, and where the system does not bound its memory, for that."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", seconds: float, stopped: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._seconds = seconds
        self._stopped = stopped
        self._is_over = threading.Event()

    def run(self) -> None:
        left_s = self._seconds
        step_s = WATCH_SECONDS if needs_watch() else left_s
        while left_s > 0:
            if self._is_over.wait(min(step_s, left_s)):
                return
            left_s -= step_s
            if left_s > 0 and read_resident_bytes(self._process.pid) > MAX_RESIDENT_BYTES:
                break
        self._stopped.set()
        self._process.kill()

    def cancel(self) -> None:
        self._is_over.set()


class DecoderPool:
    """At most `size` children; a request waits for one at most `max_wait_s`."""

    def __init__(self, *, size: int, max_wait_s: float) -> None:
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Decoder] = []
        self._max_wait_s = max_wait_s
        # Of the newest child; None before the first.
        self.sandbox: tuple[str, ...] | None = None

    def decode(self, request: Request, content: bytes) -> Decoded:
        """Decode in a child; a file at which two of them end is undecodable."""
        for _ in range(2):
            try:
                return self._decode_once(request, content)
            except TimeoutError as exc:
                raise UndecodableAudio(
                    "Decoding took longer, or needed more memory, than any recording does, and was"
                    " stopped."
                ) from exc
            except PipeBroken:
                # It may have been ended from outside, by a system short of memory for example.
                logger.warning("A decoder ended at a recording of %d bytes.", len(content))
        raise UndecodableAudio("The file is damaged: its decoder broke off, twice.")

    def warm_up(self) -> None:
        """Start one child before it is needed."""
        self._release(self._acquire(), is_sound=True)

    def close(self) -> None:
        """End the idle children."""
        while decoder := self._take_idle():
            decoder.close()

    def forget(self) -> None:
        """Leave the children to the process that this one was forked from."""
        _of_another_process.extend(self._idle)
        self._idle = []

    def _decode_once(self, request: Request, content: bytes) -> Decoded:
        decoder = self._acquire()
        # Whatever else is raised, Ctrl-C too, leaves half a message in a pipe.
        is_sound = False
        try:
            decoded = decoder.decode(request, content)
            is_sound = True
            return decoded
        except RecordingRefused:
            is_sound = True
            raise
        finally:
            self._release(decoder, is_sound=is_sound)

    def _acquire(self) -> Decoder:
        timeout = None if self._max_wait_s == inf else self._max_wait_s
        if not self._free.acquire(timeout=timeout):
            raise DecoderBusy("All decoders are busy. Try again in a moment.")
        try:
            return self._take_idle() or self._start()
        except BaseException:
            self._free.release()
            raise

    def _release(self, decoder: Decoder, *, is_sound: bool) -> None:
        if is_sound and decoder.can_go_on:
            with self._lock:
                self._idle.append(decoder)
        else:
            decoder.close()
        self._free.release()

    def _take_idle(self) -> Decoder | None:
        while True:
            with self._lock:
                decoder = self._idle.pop() if self._idle else None
            if decoder is None or decoder.can_go_on:
                return decoder
            decoder.close()

    def _start(self) -> Decoder:
        try:
            decoder = Decoder()
        except (OSError, PipeBroken) as exc:
            raise DecoderBusy("No decoder could be started. Try again in a moment.") from exc
        if decoder.sandbox != self.sandbox:
            logger.info("Decoders are confined in: %s.", ", ".join(decoder.sandbox) or "nothing")
        self.sandbox = decoder.sandbox
        return decoder


_of_another_process: list[Decoder] = []
# For commands: as many as there are cores, and whoever waits has time.
_pool = DecoderPool(size=max(os.cpu_count() or 1, 2), max_wait_s=inf)


def get_decoders() -> DecoderPool:
    """Return the decoders of this process."""
    return _pool


def replace_decoders(*, size: int, max_wait_s: float) -> DecoderPool:
    """Have so many from now on, and make nobody wait longer."""
    global _pool
    _pool.close()
    _pool = DecoderPool(size=size, max_wait_s=max_wait_s)
    return _pool


atexit.register(lambda: _pool.close())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _pool.forget())
