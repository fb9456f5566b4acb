"""The errors of recordings, of analyses and of calibrations, one class for each condition."""

from core.errors import InvalidRequest, ServerBusy, SignalCraftError


class RecordingRefused(SignalCraftError):
    """The recording cannot be judged; the subclass names the reason."""

    status_code = 422
    code = "undecodable_audio"


class TooLarge(RecordingRefused):
    """The recording has more bytes than are accepted."""

    status_code = 413
    code = "too_large"


class UnsupportedFormat(RecordingRefused):
    """The content is of no audio format that we read."""

    status_code = 415
    code = "unsupported_format"


class EmptyRecording(RecordingRefused):
    """The recording has no bytes."""

    code = "empty"


class UndecodableAudio(RecordingRefused):
    """The container is known, but its sound cannot be decoded."""

    code = "undecodable_audio"


class Truncated(RecordingRefused):
    """The file declares more sound than it holds."""

    code = "truncated"


class RecordingTooShort(RecordingRefused):
    """The recording is too short to judge a machine by."""

    code = "recording_too_short"


class BandwidthTooNarrow(RecordingRefused):
    """The recording lacks high frequencies that the model uses."""

    code = "bandwidth_too_narrow"


class TooCoarse(RecordingRefused):
    """What rounding to the steps of the format leaves is nearly as loud as the machine."""

    code = "too_coarse"


class RecordingTooLong(RecordingRefused):
    """The recording is longer than is accepted."""

    code = "recording_too_long"


class TooManyChannels(RecordingRefused):
    """The recording has more audio channels than are accepted."""

    code = "too_many_channels"


class Silent(RecordingRefused):
    """The recording is digitally silent: the microphone was muted or broken."""

    code = "silent"


class ChannelsCancel(RecordingRefused):
    """One audio channel is the inverse of another, so that their mix is nearly silent."""

    code = "channels_cancel"


class Interrupted(RecordingRefused):
    """The recorder lost so much that no piece is left that is long enough."""

    code = "interrupted"


class NotFinite(RecordingRefused):
    """The recording has samples that are NaN or infinite."""

    code = "not_finite"


class DecoderBusy(ServerBusy):
    """No process is free to decode the recording; it is not the recording's fault."""


class ModelRequired(SignalCraftError):
    """Neither the request nor the device names a model."""

    status_code = 422
    code = "model_required"


class UnknownDevice(SignalCraftError):
    """No device has this device_id."""

    status_code = 404
    code = "not_found"


class DeviceExists(SignalCraftError):
    """A device with this device_id exists."""

    status_code = 409
    code = "device_exists"


class IdempotencyKeyReused(SignalCraftError):
    """The key was used for another recording, model or device."""

    status_code = 409
    code = "idempotency_key_reused"


class NotCalibrated(SignalCraftError):
    """The model has no thresholds, or there are too few scores to make any."""

    status_code = 409
    code = "not_calibrated"


class InvalidArtifact(SignalCraftError):
    """The serving form of a version is damaged or not valid."""

    status_code = 503
    code = "artifact_corrupt"


class RecordingGone(SignalCraftError):
    """The bytes of the recording were deleted; its analysis was not."""

    status_code = 404
    code = "not_found"


class RecordingUnavailable(SignalCraftError):
    """The bytes of the recording cannot be read now, or are not those that were analysed."""

    status_code = 503
    code = "recording_unavailable"
    headers = {"Retry-After": "5"}


class RangeNotSatisfiable(SignalCraftError):
    """The requested range begins beyond the last byte."""

    status_code = 416
    code = "range_not_satisfiable"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"The range begins beyond the end: the recording has {size_bytes} bytes.")
        self.headers = {"Content-Range": f"bytes */{size_bytes}"}


class CalibrationSuperseded(SignalCraftError):
    """Another calibration replaced this one."""

    status_code = 409
    code = "calibration_superseded"


class NothingToUndo(SignalCraftError):
    """There is no calibration to undo."""

    status_code = 409
    code = "nothing_to_undo"


class InconsistentClips(SignalCraftError):
    """The clips that should show what is normal for a device disagree."""

    status_code = 422
    code = "inconsistent_clips"


class DuplicateClip(InvalidRequest):
    """The same sound is twice among the clips."""

    code = "duplicate_clip"


class UnknownCalibration(SignalCraftError):
    """The model or device has no calibration of this number."""

    status_code = 404
    code = "not_found"
