"""Reading a folder of recordings while somebody watches."""

from pathlib import Path
from typing import Any

from analysis.loading import get_limits
from training.datasets.datasets import Dataset, read_dataset
from training.watcher import Watcher


def read_with_progress(folder: Path, stage: str, watcher: Watcher, **options: Any) -> Dataset:
    """Read a folder through the same gate as uploads, and say which files are not used; options are read_dataset's."""
    watcher.begin_stage(stage)
    dataset = read_dataset(folder, limits=get_limits(), on_file=watcher.advance, **options)
    if dataset.refusals:
        watcher.report(f"{len(dataset.refusals)} of {dataset.n_files} files are not used:")
    for refusal in dataset.refusals:
        watcher.report(f"  {refusal.name}: {refusal.detail}")
    return dataset
