"""The sandboxed process that decodes what strangers send.

Started by analysis.sound.decoding.pool as `python -m analysis.sound.decoding_child`. Takes one
request after the other from standard input and answers on standard output; ends when its parent
does. A file that breaks a decoder ends this process and nothing else.
"""

import os
import signal
import sys
from functools import partial
from typing import IO

from analysis.errors import RecordingRefused, UndecodableAudio
from analysis.sound.containers import CONTAINERS
from analysis.sound.decoding import messages
from analysis.sound.decoding.ffmpeg import open_with_ffmpeg
from analysis.sound.decoding.mixing import mix_at_own_rate, mix_sound
from analysis.sound.decoding.sandbox import enter_sandbox

# Beyond the limit of decoding: the parent kills first, if there is one.
GRACE_SECONDS = 5.0


def main() -> None:
    """Serve until the parent closes its end."""
    # Ctrl-C is for the parent, which decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = sys.stdin.buffer
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    messages.write_header(answers, {"sandbox": enter_sandbox()})
    answers.flush()
    while received := messages.receive_request(requests):
        _set_alarm(received[0].limits.max_decode_seconds + GRACE_SECONDS)
        answer(answers, *received)
        _set_alarm(0.0)


def answer(answers: IO[bytes], request: messages.Request, content: bytes) -> None:
    """Decode, and send the samples or the refusal."""
    try:
        decoded = decode(request, content)
    except RecordingRefused as refusal:
        messages.send_refusal(answers, refusal)
    except MemoryError:
        too_large = UndecodableAudio("Decoding needs more memory than any recording does.")
        messages.send_refusal(answers, too_large)
    else:
        messages.send_samples(answers, decoded)


def decode(request: messages.Request, content: bytes) -> messages.Decoded:
    """Decode as the request wants it."""
    container = CONTAINERS[request.container]
    open_sound = partial(open_with_ffmpeg, content, container)
    if request.wanted == messages.OWN_RATE:
        with open_sound() as sound:
            samples, sample_rate_hz = mix_at_own_rate(sound, request.pick)
            return messages.Decoded(samples, {"sample_rate_hz": sample_rate_hz})
    clip = mix_sound(open_sound, container, request.walked_s, request.limits, request.pick)
    return messages.Decoded.of_clip(clip)


def _set_alarm(seconds: float) -> None:
    """End this process then, even if the parent is gone and a decoder runs for ever."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
