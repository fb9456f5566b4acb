"""A minute of changed files, of every container, codec and number of channels: a clip or a name."""

import os
import random
import time
from contextlib import suppress

import pytest

from analysis.errors import RecordingRefused
from analysis.sound.audio import decode
from analysis.sound.decoding.pool import replace_decoders
from tests.analysis.sound.decoding.fuzzing import mutate
from tests.analysis.sound.decoding.many_channels import CASES, record

# Longer by hand: FUZZ_SECONDS=1800 pytest tests/analysis/sound/decoding/test_fuzzed_files.py
SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))
SLOWEST_S = 15.0


@pytest.fixture(scope="module")
def decoders():
    yield replace_decoders(size=2, max_wait_s=5.0)
    replace_decoders(size=2, max_wait_s=float("inf"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    return {case: record(folder, *case, seconds=1.2) for case in CASES}


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 240)
def test_whatever_is_changed_the_answer_is_a_clip_or_a_named_error(decoders, files):
    began = time.monotonic()
    n_files = n_decoded = 0
    seed = 0
    while time.monotonic() - began < SECONDS:
        for case, content in files.items():
            chance = random.Random(f"{seed} {case}")
            started = time.monotonic()
            with suppress(RecordingRefused):
                assert decode(mutate(content, chance)).waveform.size
                n_decoded += 1
            assert time.monotonic() - started < SLOWEST_S, (seed, case)
            n_files += 1
        seed += 1
    assert n_files > len(files)
    assert n_decoded
