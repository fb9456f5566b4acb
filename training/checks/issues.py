"""The issues that a check of recordings finds, and which of them stop training or serving."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from training.errors import UnfitRecordings

# Training recordings in a test folder: what is measured on them means nothing, strict or not.
TEST_COPIES = "test_copies"
OUTLIER = "outlier"
MANY_OUTLIERS = "many_outliers"
# Names, formats or days tell two populations apart; only the sound does.
TWO_POPULATIONS = "two_populations"
TWO_SOUNDS = "two_sounds"
# No sound that the recordings have in common.
UNLIKE_SOUNDS = "unlike_sounds"
UNLIKE_SERVING = "unlike_serving_version"
MANY_FALSE_ALARMS = "many_false_alarms"
FEW_DETECTED = "few_detected"
# Says nothing about the recordings, so it is no reason to refuse them.
NOT_COMPARED = "not_compared"
# A version with one of these is not served before a curator has looked at it.
BLOCKS_SERVING = frozenset(
    {MANY_OUTLIERS, TWO_POPULATIONS, UNLIKE_SERVING, MANY_FALSE_ALARMS, FEW_DETECTED}
)


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to know before trusting the model; names: the recordings that it is about."""

    code: str
    detail: str
    names: tuple[str, ...] = ()

    @property
    def blocks_serving(self) -> bool:
        """Whether a version with it waits for a curator."""
        return self.code in BLOCKS_SERVING

    def to_json(self) -> dict[str, Any]:
        """Return what the training run and the sidecar store."""
        return asdict(self) | {"blocks_serving": self.blocks_serving}


@dataclass(frozen=True, slots=True)
class DataCheck:
    """All issues that were found."""

    issues: tuple[Issue, ...] = ()
    # What became of every entry of the folder, in numbers.
    entries: Mapping[str, Any] = field(default_factory=dict)

    @property
    def serving_blockers(self) -> list[Issue]:
        """Return the issues for which a version is not served at once."""
        return [issue for issue in self.issues if issue.blocks_serving]

    def with_issues(self, more: Iterable[Issue]) -> Self:
        """Return the check with more issues."""
        return replace(self, issues=(*self.issues, *more))

    def to_json(self) -> dict[str, Any]:
        """Return what the training run and the sidecar store."""
        return {
            "findings": [issue.to_json() for issue in self.issues],
            "entries": dict(self.entries),
        }

    def raise_if_unfit(self, *, is_strict: bool) -> None:
        """Raise UnfitRecordings for copies in a test folder; strict: for any issue."""
        reasons = [
            issue.detail
            for issue in self.issues
            if issue.code == TEST_COPIES or (is_strict and issue.code != NOT_COMPARED)
        ]
        if reasons:
            raise UnfitRecordings(" ".join(reasons))
