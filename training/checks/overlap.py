"""Refuses to judge a version by its training recordings, or one recording by both verdicts."""

import json

from registry.models import ModelVersion
from training.checks.copies import waveform_digest
from training.datasets.datasets import Dataset, TrainingClip
from training.errors import OverlappingRecordings


def check_disjoint(
    version: ModelVersion, normal: Dataset, abnormal: Dataset, *, purpose: str
) -> list[str]:
    """Raise OverlappingRecordings for any overlap; return in sentences what cannot be checked."""
    in_normal = {digest for clip in normal.clips for digest in clip_digests(clip)}
    shared = find_known(abnormal, in_normal)
    if shared:
        raise OverlappingRecordings(
            f"{describe_share(shared, abnormal)} also in {normal.folder}, such as {shared[0]}. "
            "A recording cannot be both normal and abnormal."
        )
    return check_unseen(version, normal, abnormal, purpose=purpose)


def check_unseen(version: ModelVersion, *datasets: Dataset, purpose: str) -> list[str]:
    """Raise OverlappingRecordings for training recordings; return what cannot be checked.

    purpose: what the recordings are for, as a verb: "Evaluate", "Calibrate".
    """
    advice = f"{purpose} on recordings it has not heard."
    training_digests = read_digests(version)
    for dataset in datasets:
        known = find_known(dataset, training_digests)
        if known:
            raise OverlappingRecordings(
                f"{describe_share(known, dataset)} used to train {version}, such as {known[0]}. "
                f"{advice}"
            )
        if dataset.fingerprint == version.dataset_fingerprint:
            raise OverlappingRecordings(
                f"The recordings in {dataset.folder} were used to train {version}. {advice}"
            )
    return [] if training_digests else [describe_unverified(version, *datasets)]


def find_known(dataset: Dataset, digests: set[str]) -> list[str]:
    """Return the names of the clips that have one of these digests."""
    return [clip.name for clip in dataset.clips if clip_digests(clip) & digests]


def describe_share(names: list[str], dataset: Dataset) -> str:
    """Begin a sentence on these of a folder's recordings."""
    verb = "was" if len(names) == 1 else "were"
    return f"{len(names)} of the {len(dataset.clips)} recordings in {dataset.folder} {verb}"


def read_digests(version: ModelVersion) -> set[str]:
    """Read the digests of the training recordings; older versions did not keep them."""
    if version.find_file("sidecar") is None:
        return set()
    about = json.loads(version.read_file("sidecar"))
    return {*about.get("recordings", []), *about.get("sounds", [])}


def clip_digests(clip: TrainingClip) -> set[str]:
    """Return the digests of the file and of its samples, which another lossless file has too."""
    return {clip.sha256, waveform_digest(clip).hex()}


def describe_unverified(version: ModelVersion, *datasets: Dataset) -> str:
    """Say what cannot be checked of a version that did not keep the digests."""
    for dataset in datasets:
        if str(dataset.folder) == version.dataset_path:
            return (
                f"{version} was trained on the folder {dataset.folder}, "
                "though its files have changed since."
            )
    return (
        f"{version} did not keep which recordings it was trained on: "
        "some of these may be among them."
    )
