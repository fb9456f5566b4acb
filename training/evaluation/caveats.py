"""Writes sentences on what limits the trust in metrics."""

from collections.abc import Mapping
from typing import Any

from training.evaluation.scored_clips import ScoredClips
from training.evaluation.stored import strongest_direction

# Loudness is named as an explanation from LOUD_AUC on, or from MIN_LOUD_AUC on where it comes
# within MARGIN of the detector's AUC.
LOUD_AUC = 0.9
MIN_LOUD_AUC = 0.7
MARGIN = 0.05


def describe_small_samples(normal: ScoredClips, abnormal: ScoredClips, *, needed: int) -> list[str]:
    """Say where there are too few clips for intervals, or too few sessions for honest ones."""
    parts = (("normal", normal), ("abnormal", abnormal))
    few = [f"{len(clips)} {part}" for part, clips in parts if len(clips) < needed]
    ungrouped = [part for part, clips in parts if clips.has_few_groups]

    caveats = []
    if few:
        caveats.append(
            f"Only {' and '.join(few)} clips: an interval needs {needed} of each, so some are "
            "missing."
        )
    if ungrouped:
        caveats.append(
            f"Fewer than three recording sessions were found in the names of the "
            f"{' and '.join(ungrouped)} clips: intervals count each clip as a session of its own, "
            "and are too narrow where several come from one (--group_by)."
        )
    return caveats


def describe_loudness(by_name: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say which abnormal clips loudness alone tells from normal ones; metrics by fault type."""
    explained = []
    for name, metrics in by_name.items():
        direction, level_auc = strongest_direction(metrics["level_only"])
        threshold = min(LOUD_AUC, max(MIN_LOUD_AUC, metrics["auc"]["value"] - MARGIN))
        if level_auc >= threshold:
            explained.append(f"{name}: AUC {level_auc:.3f}, {direction}")
    if not explained:
        return []
    return [
        f"Loudness alone tells abnormal clips from normal ones ({'; '.join(explained)}). The "
        "result may show distance or another running state rather than a fault: test on clips of "
        "the same loudness too."
    ]
