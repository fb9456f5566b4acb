"""Reads a listed folder and reports progress and refused files."""

from typing import Any

from analysis.loading import get_limits
from analysis.sound.folders import describe_others
from training.datasets.datasets import Dataset, read_dataset
from training.datasets.listing import Listing
from training.watcher import Watcher


def read_with_progress(listing: Listing, stage: str, watcher: Watcher, **options: Any) -> Dataset:
    """Read a folder through the same gate as uploads; options are those of read_dataset."""
    watcher.begin_stage(stage)
    dataset = read_dataset(listing, limits=get_limits(), on_file=watcher.advance, **options)

    if dataset.refusals:
        watcher.report(f"{len(dataset.refusals)} of {dataset.n_files} files are not used:")
    for refusal in dataset.refusals:
        watcher.report(f"  {refusal.name}: {refusal.detail}")
    if dataset.others:
        n_others = sum(dataset.others.values())
        kinds = describe_others(dataset.others)
        watcher.report(f"{n_others} entries of the folder are no recordings: {kinds}.")
    return dataset
