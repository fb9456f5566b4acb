"""Names what training, evaluation, calibration and import refuse; nothing is changed then."""

from core.errors import InvalidRequest


class InvalidOption(InvalidRequest):
    """An option makes no sense, alone or with another."""


class NoRecordings(InvalidRequest):
    """The folder is missing, or has no files that could be recordings."""


class SuspectNames(InvalidRequest):
    """Names in the folder of normal recordings speak of faults, or of several parts of a split."""


class TooFewClips(InvalidRequest):
    """There are too few usable clips to learn what is normal."""


class UnusableRecordings(InvalidRequest):
    """Too many of the files cannot be used."""


class OverlappingRecordings(InvalidRequest):
    """Recordings are both training and test recordings, or both normal and abnormal."""


class UnfitRecordings(InvalidRequest):
    """The check found training recordings in a test folder or, if strict, any issue."""


class FarFromTraining(InvalidRequest):
    """Too many recordings that should be normal raise an alarm."""


class NotTrainable(InvalidRequest):
    """The clips do not differ as a detector needs, or training diverges."""


class ParityFailed(InvalidRequest):
    """The serving form does not score as the exchange form does."""


class LegacyRegistryUnreadable(InvalidRequest):
    """A registry.json or a sidecar cannot be read."""


class LegacyEntryRefused(InvalidRequest):
    """An entry of an older registry cannot be imported."""
