"""Recordings that must not meet: those that a version learnt from, and the normal and abnormal ones it is tested on."""

import json

from registry.models import ModelVersion
from training.checks.copies import waveform_digest
from training.datasets.datasets import Dataset, TrainingClip
from training.errors import OverlappingRecordings


def check_disjoint(version: ModelVersion, normal: Dataset, abnormal: Dataset) -> list[str]:
    """Raise HeardBefore for what is in two of the three; return what could not be checked, in sentences."""
    of_normal = {digest for recording in normal.recordings for digest in digests(recording)}
    refuse_known(
        abnormal, of_normal, f"also in {normal.folder}: it cannot be both normal and abnormal"
    )
    return check_unseen(version, normal, abnormal)


def check_unseen(version: ModelVersion, *datasets: Dataset) -> list[str]:
    """Raise HeardBefore for what the version learnt from; return what could not be checked, in sentences."""
    learnt = read_digests(version)
    for dataset in datasets:
        refuse_known(dataset, learnt, f"among those that {version} was trained on: take others")
        if dataset.fingerprint == version.dataset_fingerprint:
            raise OverlappingRecordings(
                f"{dataset.folder} is what {version} was trained on: take other recordings."
            )
    return [] if learnt else doubts(version, *datasets)


def refuse_known(dataset: Dataset, known: set[str], where: str) -> None:
    """Refuse a folder that holds any of the known recordings."""
    names = [recording.name for recording in dataset.recordings if digests(recording) & known]
    if names:
        count = f"{len(names)} of {len(dataset.recordings)} recordings in {dataset.folder}"
        raise OverlappingRecordings(f"{count}, such as {names[0]}: {where}.")


def read_digests(version: ModelVersion) -> set[str]:
    """The digests of the recordings that the version learnt from; none where an older one did not keep them."""
    if version.find_file("sidecar") is None:
        return set()
    about = json.loads(version.read_file("sidecar"))
    return {*about.get("recordings", []), *about.get("sounds", [])}


def digests(recording: TrainingClip) -> set[str]:
    """By what a recording is known again: its file, and its sound, which another lossless file holds too."""
    return {recording.sha256, waveform_digest(recording).hex()}


def doubts(version: ModelVersion, *datasets: Dataset) -> list[str]:
    """What to say where a version did not keep the digests."""
    folders = [
        str(dataset.folder) for dataset in datasets if str(dataset.folder) == version.dataset_path
    ]
    if folders:
        return [
            f"{folders[0]} is the folder that {version} was trained on, though its files have changed since."
        ]
    return [
        f"{version} did not keep which recordings it was trained on: some of these may be among them."
    ]
