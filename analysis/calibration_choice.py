"""Which calibration applies: the device's, else the version's newest, else its artifact's."""

from dataclasses import dataclass, replace

from analysis.detectors.calibration import Calibration
from analysis.detectors.device_calibration import apply_settings
from analysis.errors import NotCalibrated
from analysis.models import CalibrationRecord, Device
from registry.models import ModelVersion

# The device has a calibration, but for another version of the model.
LAPSED = "device_calibration_lapsed"
# An engineer set another sensitivity, or stretched the thresholds of the device.
SET_BY_ENGINEER = "device_settings"
TARGET_RATES: dict[str, float] = {
    Device.Sensitivity.HIGH: 0.10,
    Device.Sensitivity.MEDIUM: 0.05,
    Device.Sensitivity.LOW: 0.02,
}


@dataclass(frozen=True, slots=True)
class EffectiveCalibration:
    """The calibration that applies, the row that holds it (None: the artifact), and its notes."""

    calibration: Calibration
    record: CalibrationRecord | None
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of normal recordings behind it."""
        # A row may count recordings that are not among its scores.
        if self.record and self.record.n is not None:
            return self.record.n
        return self.calibration.n


def resolve_calibration(
    version: ModelVersion, device: Device | None, own: Calibration | None
) -> EffectiveCalibration:
    """Return what applies now, by the database; `own` is the calibration of the artifact."""
    if device is None:
        return resolve_for_version(
            version, CalibrationRecord.objects.of(version, None).first(), own
        )
    return apply_device_settings(resolve_for_device(version, device, own), device)


def apply_device_settings(effective: EffectiveCalibration, device: Device) -> EffectiveCalibration:
    """Return the calibration at the sensitivity of a device, with a note if that changes it."""
    if not device.has_settings:
        return effective
    calibration = apply_settings(
        effective.calibration,
        target_rate=TARGET_RATES[device.sensitivity] if device.sensitivity else None,
        threshold_multiplier=device.threshold_multiplier,
    )
    notes = dict.fromkeys((*effective.notes, *calibration.notes, SET_BY_ENGINEER))
    return replace(effective, calibration=calibration, notes=tuple(notes))


def resolve_for_device(
    version: ModelVersion, device: Device, own: Calibration | None
) -> EffectiveCalibration:
    """Return the calibration of a device, or of the version if it has none."""
    candidates = CalibrationRecord.objects.candidates_for(version, device)
    of_device = [row for row in candidates if row.device_id is not None]
    of_version = next((row for row in candidates if row.device_id is None), None)
    for row in of_device:
        if row.version_id == version.pk and not row.is_withdrawn:
            return EffectiveCalibration(row.calibration, row, tuple(row.notes))

    newest = of_device[0] if of_device else None
    has_lapsed = newest and newest.version_id != version.pk and not newest.is_withdrawn
    return resolve_for_version(version, of_version, own, notes=(LAPSED,) if has_lapsed else ())


def resolve_for_version(
    version: ModelVersion,
    row: CalibrationRecord | None,
    own: Calibration | None,
    *,
    notes: tuple[str, ...] = (),
) -> EffectiveCalibration:
    """Return the calibration of the version's newest row, or of the artifact without one."""
    if row is not None and not row.is_withdrawn:
        return EffectiveCalibration(row.calibration, row, (*row.notes, *notes))
    if own is None:
        raise NotCalibrated(
            f"{version} has no calibration: calibrate it on normal recordings first."
        )
    return EffectiveCalibration(own, None, (*own.notes, *notes))
