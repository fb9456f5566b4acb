"""Keeps a server running: starts it again when it ends by itself, and says so.

Standard library only: `bootstrap.py` needs it before anything is installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from signalcraft.child_processes import Stopped, are_stopping

PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
# A server that has run this long has recovered, whatever ended it before.
RECOVERED_SECONDS = 60.0
GIVE_UP_SECONDS = 300.0


class GivenUp(Exception):
    """The server ends again and again; the message is a sentence for the operator."""


@dataclass(slots=True)
class Supervisor:
    """How often a server has ended in this row of failures, and since when."""

    pauses_s: tuple[float, ...] = PAUSES_S
    recovered_s: float = RECOVERED_SECONDS
    give_up_s: float = GIVE_UP_SECONDS
    clock: Callable[[], float] = time.monotonic
    _n_failures: int = field(default=0, init=False)
    _failing_since: float = field(default=0.0, init=False)

    def keep_running(self, serve_once: Callable[[], str]) -> None:
        """Call for ever what serves until it ends and returns why; raises GivenUp, or Stopped."""
        while True:
            began = self.clock()
            ending = serve_once()
            pause_s = self._choose_pause(began, ending)
            print(f"{ending} It is started again in {pause_s:g} s.", flush=True)
            self._wait(pause_s)

    def _choose_pause(self, began: float, ending: str) -> float:
        now = self.clock()
        if self._n_failures == 0 or now - began >= self.recovered_s:
            self._n_failures = 0
            self._failing_since = now
        if now - self._failing_since > self.give_up_s:
            minutes = self.give_up_s / 60
            raise GivenUp(
                f"{ending} It did so {self._n_failures + 1} times in {minutes:g} minutes and is not"
                " started again. The log above says why; run this again when it is mended."
            )
        pause_s = self.pauses_s[min(self._n_failures, len(self.pauses_s) - 1)]
        self._n_failures += 1
        return pause_s

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if are_stopping():
                raise Stopped
            time.sleep(0.05)
