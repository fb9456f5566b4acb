"""What limits the trust in figures, in sentences."""

from collections.abc import Mapping
from typing import Any

from training.evaluation.scored_clips import ScoredClips

# Loudness is named as an explanation from this AUC on, or where it comes this close to the detector's.
LOUD_AUC, MIN_LOUD_AUC, MARGIN = 0.9, 0.7, 0.05


def describe_small_samples(normal: ScoredClips, abnormal: ScoredClips, *, needed: int) -> list[str]:
    """Too few clips for intervals, or takes for honest ones."""
    parts = (("normal", normal), ("abnormal", abnormal))
    few = [f"{len(clips)} {part}" for part, clips in parts if len(clips) < needed]
    untold = [part for part, clips in parts if clips.has_few_groups]
    found = []
    if few:
        found.append(
            f"Only {' and '.join(few)} clips: an interval needs {needed} of a kind, so some are not given."
        )
    if untold:
        found.append(
            f"Names tell fewer than three takes of the {' and '.join(untold)} clips: intervals take each clip as "
            "recorded by itself, and are too narrow where several are cut from one take (--group_by)."
        )
    return found


def describe_loudness(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Kinds of clips that loudness alone tells from the normal ones, by their names."""
    explained = []
    for name, figures in found.items():
        direction, level_auc = strongest_direction(figures["level_only"])
        if level_auc >= min(LOUD_AUC, max(MIN_LOUD_AUC, figures["auc"]["value"] - MARGIN)):
            explained.append(f"{name}: AUC {level_auc:.3f}, {direction}")
    if not explained:
        return []
    return [
        f"Loudness alone tells abnormal clips from normal ones ({'; '.join(explained)}). The result may be of distance "
        "or of another running state rather than of a fault: test on clips of like loudness too."
    ]


def strongest_direction(level_only: Mapping[str, Mapping[str, float]]) -> tuple[str, float]:
    """The direction in which loudness tells most, and its AUC."""
    best = max(level_only, key=lambda direction: level_only[direction]["value"])
    return best, level_only[best]["value"]
