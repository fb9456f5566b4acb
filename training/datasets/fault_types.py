"""Finds the type of fault that an abnormal recording shows in folders and file names."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from training.datasets.group_patterns import GroupPattern, remove_group

OTHER = "other"
SEPARATORS = "_-. "


def infer_fault_types(names: Sequence[str], pattern: GroupPattern | None) -> list[str]:
    """Return the sub-folder of each recording, else the first words of its name, else "".

    The pattern finds the recording session in a name, which is no part of the fault type.
    """
    folders = [PurePosixPath(name).parts[0] if "/" in name else "" for name in names]
    if len(set(folders)) > 1:
        return [folder or OTHER for folder in folders]

    words = [leading_words(PurePosixPath(name).stem, pattern) for name in names]
    counts = Counter(words)
    # Words that only one recording begins with are its name, not a type.
    are_types = len(counts) > 1 and min(counts.values()) > 1
    return [word or OTHER for word in words] if are_types else [""] * len(names)


def leading_words(stem: str, pattern: GroupPattern | None) -> str:
    """Return what stands before the first digit, without the recording session."""
    without_group = remove_group(stem, pattern)
    return re.split(r"\d", without_group.strip(SEPARATORS), maxsplit=1)[0].strip(SEPARATORS)
