"""Decoding children that crash, hang, are killed or are all busy cost one request and no more."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from analysis.errors import DecoderBusy, UndecodableAudio
from analysis.sound.audio import Limits, decode
from analysis.sound.decoding import pool as pool_module
from analysis.sound.decoding.pool import get_decoders, replace_decoders
from tests.support.recordings import recording

pytestmark = pytest.mark.slow

STAND_IN = """
import os, sys, time
from analysis.sound.decoding import messages
from analysis.sound.decoding.messages import receive_request

messages.write_header(sys.stdout.buffer, {"sandbox": []})
sys.stdout.flush()
receive_request(sys.stdin.buffer)
"""
CRASH = "os.abort()"
HANG = "time.sleep(60)"
LIE = 'print(\'{"n_samples": 99999999999, "facts": {}}\', flush=True); time.sleep(60)'


@pytest.fixture
def decoders(monkeypatch):
    """Two of one's own."""
    yield replace_decoders(size=2, max_wait_s=5.0)
    replace_decoders(size=2, max_wait_s=float("inf"))


@pytest.fixture
def stand_in(decoders, monkeypatch):
    """Let the children do something else with the request."""

    def replace(action):
        monkeypatch.setattr(pool_module, "COMMAND", (sys.executable, "-c", STAND_IN + action))

    return replace


def pid_of_the_idle_one():
    (decoder,) = get_decoders()._idle
    return decoder._process.pid


def test_a_file_that_crashes_a_decoder_is_refused_and_the_next_is_judged(
    stand_in, monkeypatch, caplog
):
    stand_in(CRASH)
    with pytest.raises(UndecodableAudio, match="broke off"):
        decode(recording("m4a"))
    assert "A decoder ended" in caplog.text
    monkeypatch.undo()
    assert decode(recording("m4a")).channels == 1


def test_a_file_that_hangs_a_decoder_is_stopped_in_time(stand_in):
    stand_in(HANG)
    began = time.monotonic()
    with pytest.raises(UndecodableAudio, match="longer"):
        decode(recording("m4a"), Limits(max_decode_seconds=0.1))
    assert time.monotonic() - began < 10


def test_a_decoder_that_was_taken_over_cannot_flood_the_server(stand_in):
    stand_in(LIE)
    with pytest.raises(UndecodableAudio):
        decode(recording("m4a"), Limits(max_decode_seconds=1.0))


def test_a_child_that_was_killed_while_idle_is_replaced(decoders):
    expected = decode(recording("m4a")).waveform
    os.kill(pid_of_the_idle_one(), signal.SIGKILL)
    np.testing.assert_array_equal(decode(recording("m4a")).waveform, expected)


def test_a_recording_is_not_blamed_for_one_killed_child(decoders, monkeypatch):
    content = recording("m4a")
    decode(content)
    send = pool_module.messages.send_request
    killed = []

    def kill_first(pipe, request, content):
        send(pipe, request, content)
        if not killed:
            killed.append(os.kill(victim, signal.SIGKILL))

    victim = pid_of_the_idle_one()
    os.kill(victim, signal.SIGSTOP)
    monkeypatch.setattr(pool_module.messages, "send_request", kill_first)
    assert decode(content).channels == 1
    assert killed


def test_children_are_kept_and_replaced_after_many_files(decoders, monkeypatch):
    decode(recording("amr"))
    first = pid_of_the_idle_one()
    decode(recording("amr"))
    assert pid_of_the_idle_one() == first
    monkeypatch.setattr(pool_module, "MAX_FILES", 3)
    decode(recording("amr"))
    decode(recording("amr"))
    assert pid_of_the_idle_one() != first


def test_whoever_finds_no_decoder_free_is_told_to_come_again(stand_in):
    stand_in(HANG)
    replace_decoders(size=1, max_wait_s=0.2)
    busy = threading.Thread(target=ignore_refusal)
    busy.start()
    time.sleep(0.5)
    with pytest.raises(DecoderBusy) as refused:
        decode(recording("m4a"))
    assert (refused.value.status_code, refused.value.code) == (503, "server_busy")
    assert refused.value.headers["Retry-After"]
    busy.join()


def ignore_refusal():
    with pytest.raises(UndecodableAudio):
        decode(recording("m4a"), Limits(max_decode_seconds=1.0))


def test_a_decoder_that_cannot_be_started_is_not_the_recordings_fault(decoders, monkeypatch):
    monkeypatch.setattr(pool_module, "COMMAND", ("/no such program",))
    with pytest.raises(DecoderBusy):
        decode(recording("m4a"))


def test_a_child_knows_no_secret(decoders, monkeypatch):
    decode(recording("amr"))
    environment = Path(f"/proc/{pid_of_the_idle_one()}/environ").read_text()
    assert os.environ["SECRET_KEY"] not in environment


def test_a_child_ends_with_its_parent(decoders):
    decode(recording("amr"))
    (decoder,) = get_decoders()._idle
    decoder._process.stdin.close()
    assert decoder._process.wait(timeout=10) == 0
