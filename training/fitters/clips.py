"""Clips as a detector hears them: each window with its frames and description, the halves, and the lines of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from analysis.detectors import Detector
from analysis.detectors.base import Features
from analysis.sound.features import SAMPLE_RATE_HZ, SHORTEST_SECONDS, Frames, FrontEnd, Waveform
from analysis.sound.tonal_peaks import TonalPeaks, extract_tonal_peaks


@dataclass(frozen=True, slots=True)
class WindowFeatures:
    """One window: what explanations look at, and what the detector does."""

    frames: Frames
    description: Features


Windows = Sequence[WindowFeatures]


@dataclass(frozen=True, slots=True)
class ClipFeatures:
    """The windows of a clip, one unless it is much longer than the others, those of its two halves, and its lines.

    lines: None where serving would not listen for them either.
    """

    windows: Windows
    halves: tuple[Windows, Windows]
    lines: TonalPeaks | None

    @classmethod
    def extract(cls, waveform: Waveform, front_end: FrontEnd, kind: type[Detector]) -> Self:
        """Hear a waveform as this kind of detector does; a half is as long as the shortest recording at least."""
        half = max(len(waveform) // 2, round(SHORTEST_SECONDS * SAMPLE_RATE_HZ))
        return cls(
            hear(waveform, front_end, kind),
            (hear(waveform[:half], front_end, kind), hear(waveform[-half:], front_end, kind)),
            extract_tonal_peaks(front_end.trim(waveform), front_end.spec),
        )

    @property
    def descriptions(self) -> list[Features]:
        """Of each window."""
        return descriptions(self.windows)


def hear(waveform: Waveform, front_end: FrontEnd, kind: type[Detector]) -> Windows:
    """The windows of a waveform, described."""
    return [
        WindowFeatures(window.frames, kind.extract_features(window, front_end.spec))
        for window in front_end.extract_windows(waveform)
    ]


def descriptions(windows: Iterable[WindowFeatures]) -> list[Features]:
    """Of each window."""
    return [window.description for window in windows]
