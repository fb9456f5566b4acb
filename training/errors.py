"""What training refuses, by name; nothing is registered then."""

from core.errors import InvalidRequest


class InvalidOption(InvalidRequest):
    """An option that does not make sense, alone or beside another."""


class NoRecordings(InvalidRequest):
    """The folder is missing, or holds nothing that could be a recording."""


class TooFewClips(InvalidRequest):
    """Too few usable clips to tell what is normal."""


class UnusableRecordings(InvalidRequest):
    """Too many of the files could not be used."""


class OverlappingRecordings(InvalidRequest):
    """Recordings that would be judged by what was learnt from them, or called both normal and abnormal."""


class UnfitRecordings(InvalidRequest):
    """The check of the recordings found training recordings in a test folder or, asked to be strict, anything."""


class FarFromTraining(InvalidRequest):
    """Recordings said to be normal that the version finds CRITICAL."""


class NotTrainable(InvalidRequest):
    """The clips do not differ in the way a detector needs."""


class ParityFailed(InvalidRequest):
    """The serving form does not score as the exchange form does."""


class LegacyRegistryUnreadable(InvalidRequest):
    """A registry.json, or a sidecar, that is none."""


class LegacyEntryRefused(InvalidRequest):
    """An entry of an older registry that cannot be brought in."""
