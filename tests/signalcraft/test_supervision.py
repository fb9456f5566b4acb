"""When a server that ends is started again, how soon, and when no more."""

import pytest

from signalcraft.launch import supervision
from signalcraft.launch.supervision import GivenUp, Supervisor


class Time:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def pauses(monkeypatch):
    """The seconds that were waited."""
    waited = []

    def wait(self, seconds):
        waited.append(seconds)
        self.clock.now += seconds

    monkeypatch.setattr(supervision.Supervisor, "_wait", wait)
    return waited


def run_for(seconds, clock):
    def serve():
        clock.now += seconds
        return "The server ended."

    return serve


def test_it_gives_up_after_minutes_and_says_so(pauses, capsys):
    clock = Time()
    with pytest.raises(GivenUp, match=r"ended\. It did so \d+ times in 5 minutes"):
        Supervisor(clock=clock).keep_running(run_for(1.0, clock))
    assert pauses[:7] == [0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 30.0]
    assert 300 < clock.now < 400
    assert "It is started again in 0.5 s." in capsys.readouterr().out


def test_a_server_that_ran_well_may_end_again_and_again(pauses):
    clock = Time()
    n_left = iter(range(1000))

    def serve():
        if next(n_left) == 999:
            raise KeyboardInterrupt
        clock.now += 100
        return "The server ended."

    with pytest.raises(KeyboardInterrupt):
        Supervisor(clock=clock).keep_running(serve)
    assert set(pauses) == {0.5}
