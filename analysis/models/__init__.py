"""Analysis' tables: devices, recordings, analyses, and what came after them."""

from analysis.models.analyses import Analysis, AnalysisQuerySet
from analysis.models.calibrations import CalibrationRecord
from analysis.models.devices import Device, DeviceQuerySet
from analysis.models.feedback import Feedback, FeedbackRevision
from analysis.models.idempotency import IdempotencyKey
from analysis.models.recordings import Recording, RecordingQuerySet

__all__ = [
    "Analysis",
    "AnalysisQuerySet",
    "CalibrationRecord",
    "Device",
    "DeviceQuerySet",
    "Feedback",
    "FeedbackRevision",
    "IdempotencyKey",
    "Recording",
    "RecordingQuerySet",
]
