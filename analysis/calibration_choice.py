"""Which calibration a recording is held against: the device's, else the version's newest, else its artifact's."""

from dataclasses import dataclass

from analysis.detectors.calibration import Calibration
from analysis.errors import NotCalibrated
from analysis.models import Device
from analysis.models.calibrations import CalibrationRecord
from registry.models import ModelVersion

# The device has a calibration, but for another version of the model.
LAPSED = "device_calibration_lapsed"


@dataclass(frozen=True, slots=True)
class EffectiveCalibration:
    """A calibration, the row that gave it (None: the artifact), and notes on what it cannot promise."""

    calibration: Calibration
    record: CalibrationRecord | None
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """How many normal recordings are behind it."""
        return self.record.n if self.record else self.calibration.n


def resolve_calibration(
    version: ModelVersion, device: Device | None, own: Calibration | None
) -> EffectiveCalibration:
    """Read from the database what holds now; `own` is what the artifact brought."""
    if device is None:
        return resolve_for_version(version, CalibrationRecord.newest_for_version(version), own)
    rows = CalibrationRecord.objects.candidates_for(version, device)
    of_device = [row for row in rows if row.device_id is not None]
    of_version = next((row for row in rows if row.device_id is None), None)
    for row in of_device:
        if row.version_id == version.pk and not row.is_withdrawn:
            return EffectiveCalibration(row.calibration, row, tuple(row.notes))
    has_lapsed = (
        bool(of_device) and of_device[0].version_id != version.pk and not of_device[0].is_withdrawn
    )
    return resolve_for_version(version, of_version, own, notes=(LAPSED,) if has_lapsed else ())


def resolve_for_version(
    version: ModelVersion,
    row: CalibrationRecord | None,
    own: Calibration | None,
    *,
    notes: tuple[str, ...] = (),
) -> EffectiveCalibration:
    """Hold against the version's newest row, or against what the artifact brought where there is none."""
    if row is not None and not row.is_withdrawn:
        return EffectiveCalibration(row.calibration, row, (*row.notes, *notes))
    if own is None:
        raise NotCalibrated(
            f"{version} has no calibration: calibrate it on normal recordings first."
        )
    return EffectiveCalibration(own, None, (*own.notes, *notes))
