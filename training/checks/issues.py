"""What a check of the recordings found, and whether training may go on with it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from training.errors import UnfitRecordings

# Found in a test folder although the detector learns from it: what is measured there means nothing, strict or not.
TEST_COPIES = "test_copies"
OUTLIER, MANY_OUTLIERS = "outlier", "many_outliers"
UNLIKE_SERVING, MANY_FALSE_ALARMS = "unlike_serving_version", "many_false_alarms"
FEW_DETECTED = "few_detected"
# Says nothing about the recordings, so it is no reason to refuse them.
NOT_COMPARED = "not_compared"
# What a curator should look at before anybody is sent to a machine, or away from one.
BLOCKS_SERVING = frozenset({MANY_OUTLIERS, UNLIKE_SERVING, MANY_FALSE_ALARMS, FEW_DETECTED})


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing a person should know before trusting the model; names: all the recordings it is about."""

    code: str
    detail: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataCheck:
    """All that was found."""

    issues: tuple[Issue, ...] = ()

    @property
    def serving_blockers(self) -> list[Issue]:
        """Those for which a version is not served before a curator has looked at it."""
        return [issue for issue in self.issues if issue.code in BLOCKS_SERVING]

    def with_issues(self, more: Iterable[Issue]) -> Self:
        """These and more."""
        return replace(self, issues=(*self.issues, *more))

    def to_json(self) -> dict[str, Any]:
        """As the training run and the sidecar keep it."""
        return {"findings": [asdict(issue) for issue in self.issues]}

    def refuse(self, *, is_strict: bool) -> None:
        """Raise UnfitRecordings for training recordings in a test folder; strict: for anything that was found."""
        told = [issue for issue in self.issues if issue.code != NOT_COMPARED]
        refused = [issue.detail for issue in told if is_strict or issue.code == TEST_COPIES]
        if refused:
            raise UnfitRecordings(" ".join(refused))
