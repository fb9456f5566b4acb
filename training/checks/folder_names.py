"""Refuses a folder of normal recordings whose names speak of faults, or of a split into parts."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from training.datasets.listing import Listing, abbreviate
from training.errors import SuspectNames

FAULTS = frozenset(
    {"abnormal", "abnormals", "anomaly", "anomalies", "anomalous", "fault", "faults", "faulty"}
    | {"defect", "defects", "defective", "broken", "ng", "불량", "불량품", "고장", "이상"}
)
# "no_fault", "non-defective", "fault_free": these say that there is none.
NEGATIONS_BEFORE = frozenset({"no", "non", "not", "without", "zero"})
NEGATIONS_AFTER = frozenset({"free", "없음"})
SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("test", "tests", "testing"), "test"),
    **dict.fromkeys(("val", "valid", "validation", "eval", "evaluation"), "validation"),
}
# Letters of one word: "testAbnormal" has two, "take25" one.
WORD = re.compile(r"[^\W\d_]+")
CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
ADVICE = "If all of them are normal recordings, say --allow_names."


def check_names(listing: Listing) -> None:
    """Raise SuspectNames where names below the folder speak of faults or of several parts.

    What the folder itself is called says nothing: people name a folder after the project.
    """
    of_faults = [name for name in listing.names if has_fault_word(name)]
    if of_faults:
        raise SuspectNames(
            f"{len(of_faults)} of {len(listing.names)} recordings in {listing.folder} are named "
            f"like faults ({abbreviate(of_faults)}): a fault that is trained on is not found any "
            f"more. Is --data_dir one folder too high? {ADVICE}"
        )
    splits = find_splits(listing.names)
    if len(splits) > 1:
        raise SuspectNames(
            f"{listing.folder} holds several parts of a split data set "
            f"({abbreviate(list(splits.values()))}): recordings to test on must not be trained on. "
            f"Is --data_dir one folder too high? {ADVICE}"
        )


def has_fault_word(name: str) -> bool:
    """Whether a folder or the file of this name below the data folder speaks of a fault."""
    path = PurePosixPath(name)
    return any(is_of_fault(list(split_words(part))) for part in (*path.parent.parts, path.stem))


def is_of_fault(words: Sequence[str]) -> bool:
    """Whether one of the words names a fault, and no neighbour says that there is none."""
    padded = ["", *words, ""]
    return any(
        word in FAULTS and before not in NEGATIONS_BEFORE and after not in NEGATIONS_AFTER
        for before, word, after in zip(padded, padded[1:], padded[2:], strict=False)
    )


def find_splits(names: Sequence[str]) -> dict[str, str]:
    """Return one folder of each part of a split data set; names of files say nothing of it."""
    found: dict[str, str] = {}
    for name in names:
        for folder in PurePosixPath(name).parent.parts:
            for word in split_words(folder):
                if word in SPLITS:
                    found.setdefault(SPLITS[word], folder)
    return found


def split_words(name: str) -> Iterator[str]:
    """Yield the words of one name in small letters; macOS stores Korean ones in pieces."""
    for word in WORD.findall(unicodedata.normalize("NFC", name)):
        yield from (part.lower() for part in CAMEL_CASE.split(word))
