"""Extracts from a clip what every detector and its explanations learn from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from analysis.detectors import Detector
from analysis.detectors.base import Features
from analysis.sound.features import SAMPLE_RATE_HZ, SHORTEST_SECONDS, Frames, FrontEnd, Waveform
from analysis.sound.line_fingerprint import Lines, extract_lines
from analysis.sound.tonal_peaks import TonalPeaks, extract_tonal_peaks


@dataclass(frozen=True, slots=True)
class WindowFeatures:
    """One window of a clip: frames for explanations, features for the detector."""

    frames: Frames
    features: Features


Windows = Sequence[WindowFeatures]


@dataclass(frozen=True, slots=True)
class ClipFeatures:
    """The windows of a clip (one, unless it is much longer than the others), and of its halves.

    tonal_peaks: None where serving would not look for them either. A clip that is only fitted, and
    never calibrated on, has neither halves, peaks nor lines.
    """

    windows: Windows
    halves: tuple[Windows, Windows]
    tonal_peaks: TonalPeaks | None
    lines: Lines | None

    @classmethod
    def extract(
        cls, waveform: Waveform, front_end: FrontEnd, detector_class: type[Detector]
    ) -> Self:
        """Extract what this detector class needs; a half lasts SHORTEST_SECONDS at least."""
        half = max(len(waveform) // 2, round(SHORTEST_SECONDS * SAMPLE_RATE_HZ))
        parts = (waveform, waveform[:half], waveform[-half:])
        whole, first, second = (extract_windows(part, front_end, detector_class) for part in parts)
        tonal_peaks = extract_tonal_peaks(front_end.trim(waveform), front_end.spec)
        return cls(whole, (first, second), tonal_peaks, extract_lines(waveform))

    @classmethod
    def extract_to_fit(
        cls, waveform: Waveform, front_end: FrontEnd, detector_class: type[Detector]
    ) -> Self:
        """Extract what a fit needs, and no more."""
        windows = extract_windows(waveform, front_end, detector_class)
        return cls(windows, ((), ()), None, None)


def extract_windows(
    waveform: Waveform, front_end: FrontEnd, detector_class: type[Detector]
) -> Windows:
    """Cut a waveform into windows and extract the features of each."""
    return [
        WindowFeatures(window.frames, detector_class.extract_features(window, front_end.spec))
        for window in front_end.extract_windows(waveform)
    ]


def get_features(windows: Iterable[WindowFeatures]) -> list[Features]:
    """Return the features of each window."""
    return [window.features for window in windows]


def get_all_features(clips: Iterable[ClipFeatures]) -> list[Features]:
    """Return the features of each window of each clip."""
    return [features for clip in clips for features in get_features(clip.windows)]


def get_all_frames(clips: Iterable[ClipFeatures]) -> list[Frames]:
    """Return the frames of each window of each clip."""
    return [window.frames for clip in clips for window in clip.windows]


def get_lines(clips: Iterable[ClipFeatures]) -> list[Lines]:
    """Return the lines of each clip that has them."""
    return [clip.lines for clip in clips if clip.lines is not None]
