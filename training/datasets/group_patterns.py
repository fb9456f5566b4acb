"""Which takes the names of recordings tell, where nobody has said how."""

from collections.abc import Sequence

from training.datasets.datasets import abbreviate, compile_pattern, find_group
from training.datasets.grouping import MIN_GROUPS

# The plainest first: folders, words for a take, days, and what comes before a running number at the end, which seconds
# of a clock are not.
PATTERNS = (
    r"^.+(?=/)",
    r"(?i)(?:take|session|visit|day|run)[ _-]?\d+",
    r"(?<!\d)(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)",
    r"^.*\D(?<!\d\d[-_.:]\d\d[-_.:])(?=\d+\.\w+$)",
)
# Of a take there are several recordings: what finds fewer finds the recording.
MIN_PER_GROUP = 2
# A stray file must not undo what all the others tell.
MIN_SHARE_WITH_GROUP = 0.9


def find_group_pattern(names: Sequence[str]) -> str | None:
    """The pattern that finds a take in nearly every name, and enough takes that no fold cuts one in two; or none."""
    return next((pattern for pattern in PATTERNS if is_group_pattern(pattern, names)), None)


def is_group_pattern(pattern: str, names: Sequence[str]) -> bool:
    """Whether the pattern sorts the recordings into takes."""
    told = [take for take in find_groups(names, pattern) if take]
    is_plain = MIN_GROUPS <= len(set(told)) <= len(told) / MIN_PER_GROUP
    return is_plain and len(told) >= MIN_SHARE_WITH_GROUP * len(names)


def find_groups(names: Sequence[str], pattern: str | None) -> list[str]:
    """The take of each, "" where the pattern tells none."""
    compiled = compile_pattern(pattern)
    return [find_group(name, compiled) for name in names]


def describe_groups(
    takes: Sequence[str], pattern: str | None, target_false_alarm_rate: float
) -> str:
    """What the names came to, and what so many takes cannot promise."""
    names = sorted(set(takes) - {""})
    if not names:
        return "No takes are told by the names."
    told = f"{len(names)} takes by --group_by '{pattern}': {abbreviate(names)}."
    if len(names) >= 1 / target_false_alarm_rate:
        return told
    return f"{told} In a take never heard, expect more alarms than {target_false_alarm_rate:g}: the more takes, the fewer."
