"""Valid files of up to sixteen channels decode, whatever lays their samples or channels out."""

import numpy as np
import pytest

from analysis.sound.audio import decode
from tests.analysis.sound.decoding.many_channels import CASES, record

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("name", "channels"), CASES, ids=[f"{name}-{n}" for name, n in CASES])
def test_every_channel_is_heard(tmp_path, name, channels):
    clip = decode(record(tmp_path, name, channels))
    assert clip.channels == channels
    assert clip.duration_s == pytest.approx(2.0, abs=0.1)
    middle = clip.waveform[8_000:24_000]
    level = float(np.sqrt(np.mean(np.square(middle))))
    if name == "caf_f32":
        # Of floats only the shape counts: they are brought to one level.
        assert level == pytest.approx(0.1, rel=0.01)
        return
    # A codec may keep only the bass of one channel.
    assert (channels - 1) / channels * 0.065 < level < 0.075
