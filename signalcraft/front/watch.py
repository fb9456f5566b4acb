"""Looks every few seconds whether this process can work, so that probes need not."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
# What failed for a moment, as a locked database does, should not stay refused for long.
AGAIN_SECONDS = 1.0
# A check that hangs is as bad as one that fails.
MAX_AGE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What failed, by part, and when that was seen."""

    failed: Mapping[str, str]
    seen_at: float = field(default_factory=time.monotonic)

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.seen_at


class Watch:
    """Runs a check in a thread of its own, and keeps its last result."""

    def __init__(self, check: Callable[[], Mapping[str, str]]) -> None:
        self._check = check
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="readiness", daemon=True)
        self._last = Finding({"server": "starting"})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the check that runs now."""
        self._is_over.set()

    def get_failed(self) -> Mapping[str, str]:
        """Return what failed when it was last looked at; an old look is a failure too."""
        last = self._last
        if last.age_s > MAX_AGE_SECONDS:
            return {**last.failed, "checks": f"the last one ended {last.age_s:.0f} s ago"}
        return last.failed

    def get_age_s(self) -> float:
        """Return how long ago that was."""
        return round(self._last.age_s, 1)

    def _run(self) -> None:
        while not self._is_over.is_set():
            self._look()
            self._is_over.wait(AGAIN_SECONDS if self._last.failed else EVERY_SECONDS)

    def _look(self) -> None:
        try:
            finding = Finding(self._check())
        except Exception:  # whatever it is, the next look may be better
            logger.exception("Readiness could not be checked.")
            finding = Finding({"checks": "failed"})
        if finding.failed.keys() != self._last.failed.keys():
            level = logging.WARNING if finding.failed else logging.INFO
            logger.log(level, "Readiness: %s.", dict(finding.failed) or "everything works")
        self._last = finding
