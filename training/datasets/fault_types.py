"""What sort of fault an abnormal recording shows, as far as folders and names tell."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

OTHER = "other"
SEPARATORS = "_-. "


def infer_fault_types(names: Sequence[str], pattern: re.Pattern[str] | None) -> list[str]:
    """The kind of each recording: its sub-folder, else the words its name begins with; "" where they tell nothing.

    The pattern finds the take in a name, which says nothing of the kind.
    """
    folders = [PurePosixPath(name).parts[0] if "/" in name else "" for name in names]
    if len(set(folders)) > 1:
        return [folder or OTHER for folder in folders]
    words = [leading_words(PurePosixPath(name).stem, pattern) for name in names]
    counts = Counter(words)
    # A word that one recording alone begins with is its name and no kind.
    is_told = len(counts) > 1 and min(counts.values()) > 1
    return [word or OTHER for word in words] if is_told else [""] * len(names)


def leading_words(stem: str, pattern: re.Pattern[str] | None) -> str:
    """What stands before the first digit, once the take is left out."""
    without_take = pattern.sub("", stem, count=1) if pattern else stem
    return re.split(r"\d", without_take.strip(SEPARATORS), maxsplit=1)[0].strip(SEPARATORS)
