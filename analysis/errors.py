"""What can be wrong with a recording, or with a model's answer to it: one name each."""

from core.errors import InvalidRequest, SignalCraftError


class RecordingRefused(SignalCraftError):
    """Nothing can be said about this recording; the subclass names why."""

    status_code = 422
    code = "undecodable_audio"


class TooLarge(RecordingRefused):
    """More bytes than a recording may have."""

    status_code = 413
    code = "too_large"


class UnsupportedFormat(RecordingRefused):
    """The content begins like no audio format we read."""

    status_code = 415
    code = "unsupported_format"


class EmptyRecording(RecordingRefused):
    """No bytes at all."""

    code = "empty"


class UndecodableAudio(RecordingRefused):
    """A known container whose sound cannot be read."""

    code = "undecodable_audio"


class Truncated(RecordingRefused):
    """The file says it is longer than what it holds."""

    code = "truncated"


class RecordingTooShort(RecordingRefused):
    """Too little sound to judge a machine by."""

    code = "recording_too_short"


class BandwidthTooNarrow(RecordingRefused):
    """High frequencies that the model has learnt to listen to are missing from the recording."""

    code = "bandwidth_too_narrow"


class RecordingTooLong(RecordingRefused):
    """More sound than one analysis may cost."""

    code = "recording_too_long"


class TooManyChannels(RecordingRefused):
    """More channels than any microphone array we know."""

    code = "too_many_channels"


class Silent(RecordingRefused):
    """Digital silence: a muted or dead microphone, not a quiet machine."""

    code = "silent"


class ChannelsCancel(RecordingRefused):
    """One channel is another turned upside down: together they are next to nothing."""

    code = "channels_cancel"


class NotFinite(RecordingRefused):
    """Samples that are NaN or infinite."""

    code = "not_finite"


class ModelRequired(SignalCraftError):
    """Neither the request nor the device says which model to ask."""

    status_code = 422
    code = "model_required"


class UnknownDevice(SignalCraftError):
    """A device_id that no device carries."""

    status_code = 404
    code = "not_found"


class IdempotencyKeyReused(SignalCraftError):
    """The key stands for another recording, model or device already."""

    status_code = 409
    code = "idempotency_key_reused"


class NotCalibrated(SignalCraftError):
    """There is no threshold to hold the anomaly score against."""

    status_code = 409
    code = "not_calibrated"


class InvalidArtifact(SignalCraftError):
    """A serving form that cannot be used."""

    status_code = 503
    code = "artifact_corrupt"


class RecordingGone(SignalCraftError):
    """The bytes of a recording are not kept any more; what was said of it is."""

    status_code = 404
    code = "not_found"


class RecordingUnavailable(SignalCraftError):
    """The bytes of a recording cannot be read now, or are not those that were analysed."""

    status_code = 503
    code = "recording_unavailable"


class RangeNotSatisfiable(SignalCraftError):
    """A range of bytes that begins beyond the last."""

    status_code = 416
    code = "range_not_satisfiable"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"There is nothing in this range: the recording has {size_bytes} bytes.")
        self.headers = {"Content-Range": f"bytes */{size_bytes}"}


class CalibrationSuperseded(SignalCraftError):
    """Another calibration has taken the place of this one."""

    status_code = 409
    code = "calibration_superseded"


class NothingToUndo(SignalCraftError):
    """No calibration holds that could be undone."""

    status_code = 409
    code = "nothing_to_undo"


class InconsistentClips(SignalCraftError):
    """Clips that are to tell what is normal for a device, and do not agree among themselves."""

    status_code = 422
    code = "inconsistent_clips"


class DuplicateClip(InvalidRequest):
    """A sound that is twice among clips, each of which is to add something."""

    code = "duplicate_clip"


class UnknownCalibration(SignalCraftError):
    """No calibration of this model or device has the number."""

    status_code = 404
    code = "not_found"
