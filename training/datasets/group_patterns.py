"""Finds recording sessions in file names, by a given pattern or by the plainest that fits."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import regex

from training.datasets.grouping import MIN_GROUPS
from training.datasets.listing import abbreviate
from training.errors import InvalidOption

GroupPattern: TypeAlias = regex.Pattern[str]
# An operator's pattern may be one that takes for ever.
MAX_SECONDS = 1.0

# The plainest first, each with how a person would call what it finds: folders, words for a session,
# days, and what stands before a running number at the end of the name (not the seconds of a clock).
FOLDER = r"^.+(?=/)"
WORD = r"(?i)(?:take|session|visit|day|run)[ _-]?\d+"
DATE = r"(?<!\d)(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)"
# Two machines have a "take1" each: there the session is all of the name up to it.
UP_TO_WORD = r"(?i)^.*(?:take|session|visit|day|run)[ _-]?\d+"
UP_TO_DATE = r"^.*(?<!\d)(?:19|20)\d\d-?[01]\d-?[0-3]\d(?!\d)"
BEFORE_NUMBER = r"^.*\D(?<!\d\d[-_.:]\d\d[-_.:])(?=\d+\.\w+$)"
DESCRIPTIONS = {
    FOLDER: "by the folder",
    WORD: "by a word and number in the file name",
    DATE: "by the date in the file name",
    BEFORE_NUMBER: "by the file name before its last number",
    UP_TO_WORD: "by the name up to a word and number",
    UP_TO_DATE: "by the name up to the date",
}
PLAINEST_FIRST = (FOLDER, WORD, DATE, BEFORE_NUMBER)
# By the plain pattern: the one that tells the same word behind different names apart.
APART = {WORD: UP_TO_WORD, DATE: UP_TO_DATE}
PLAIN = {apart: plain for plain, apart in APART.items()}
# A session has several recordings: a pattern that finds fewer each finds the recordings.
MIN_PER_GROUP = 2
# A few stray files must not hide the sessions of all the others.
MIN_SHARE_WITH_GROUP = 0.9


def compile_pattern(group_by: str | None) -> GroupPattern | None:
    """Compile the pattern that finds the session in a file name; None if it is empty."""
    if not group_by:
        return None
    try:
        return regex.compile(group_by)
    except regex.error as exc:
        raise InvalidOption(f"--group_by {group_by!r} is not a regular expression: {exc}.") from exc


def find_group(name: str, pattern: GroupPattern | None) -> str:
    """Return the first group of the match, or all of it; "" where nothing matches."""
    if pattern is None:
        return ""
    with limit_time(pattern):
        match = pattern.search(name, timeout=MAX_SECONDS)
    if match is None:
        return ""
    return str(next((group for group in match.groups() if group is not None), match.group()))


def remove_group(name: str, pattern: GroupPattern | None) -> str:
    """Return the name without what names the session."""
    if pattern is None:
        return name
    if pattern.pattern in PLAIN:
        # What stands before the word tells machines apart, or types of fault.
        return remove_group(name, regex.compile(PLAIN[pattern.pattern]))
    with limit_time(pattern):
        return str(pattern.sub("", name, count=1, timeout=MAX_SECONDS))


@contextmanager
def limit_time(pattern: GroupPattern) -> Iterator[None]:
    """Name the pattern whose time is over."""
    try:
        yield
    except TimeoutError as exc:
        raise InvalidOption(
            f"--group_by {pattern.pattern!r} takes longer than {MAX_SECONDS:g} s for one file name,"
            " because it tries the same letters in many ways. Write it more plainly."
        ) from exc


def find_groups(names: Sequence[str], group_by: str | None) -> list[str]:
    """Return the session of each name, "" where the pattern finds none."""
    pattern = compile_pattern(group_by)
    return [find_group(name, pattern) for name in names]


def find_group_pattern(names: Sequence[str]) -> str | None:
    """Return the plainest pattern that finds enough sessions in nearly all names, if any does."""
    found = (pattern for pattern in PLAINEST_FIRST if is_group_pattern(pattern, names))
    plainest = next(found, None)
    return choose_apart(plainest, names) if plainest in APART else plainest


def choose_apart(plain: str, names: Sequence[str]) -> str:
    """Return the pattern that also looks at what stands before, if that finds more sessions."""
    apart = APART[plain]
    n_plain = len(set(find_groups(names, plain)))
    n_apart = len(set(find_groups(names, apart)))
    return apart if n_apart > n_plain and is_group_pattern(apart, names) else plain


def is_group_pattern(group_by: str, names: Sequence[str]) -> bool:
    """Whether the pattern sorts the recordings into sessions."""
    found = [group for group in find_groups(names, group_by) if group]
    is_plain = MIN_GROUPS <= len(set(found)) <= len(found) / MIN_PER_GROUP
    return is_plain and len(found) >= MIN_SHARE_WITH_GROUP * len(names)


def describe_groups(
    groups: Sequence[str], group_by: str | None, target_false_alarm_rate: float
) -> str:
    """Say how many sessions were found and how, and what so few cannot promise."""
    names = sorted(set(groups) - {""})
    if not names:
        return (
            "No recording sessions were found in the file names; "
            "--group_by names a pattern that finds them."
        )

    how = DESCRIPTIONS.get(group_by or "", f"by --group_by '{group_by}'")
    found = f"{len(names)} recording sessions, {how}, e.g. {abbreviate(names)}."
    if len(names) >= 1 / target_false_alarm_rate:
        return found
    return (
        f"{found} On a new day or position expect more than {100 * target_false_alarm_rate:g} % "
        "false alarms; training on more recording sessions lowers this."
    )
