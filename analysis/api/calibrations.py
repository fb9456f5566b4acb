"""API views of calibrations: of a model for all devices, of a model for one device, and undo."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current_user import get_current_user
from accounts.permissions import require_permissions
from analysis import errors
from analysis.api.calibration_examples import (
    ALL_OF_DEVICE,
    ALL_OF_MODEL,
    CLIPS,
    DEVICE_CALIBRATED,
    RATE,
    RETARGETED,
    UNDO,
    UNDONE,
)
from analysis.api.calibration_serializers import (
    CalibrationFilter,
    CalibrationPage,
    CalibrationRecordOut,
    ClipsRequest,
    DeviceCalibrationOut,
    RateRequest,
    UndoRequest,
)
from analysis.api.paging import build_page
from analysis.api.uploads import ClipsParser
from analysis.models import Device
from analysis.models.calibrations import CalibrationRecord, CalibrationRecordQuerySet
from analysis.pipeline import choose_model
from analysis.recalibration import calibrate_for_device, retarget
from core.errors import SignalCraftError
from registry.errors import (
    ArtifactCorrupt,
    ArtifactUnavailable,
    ModelInactive,
    ModelProtected,
    NoServingVersion,
    UnknownModel,
)
from registry.models import RegisteredModel

PAGE_SIZE = 50
VERSION_ERRORS: list[type[SignalCraftError]] = [
    ModelInactive,
    NoServingVersion,
    errors.NotCalibrated,
    ArtifactUnavailable,
    ArtifactCorrupt,
]
UNDO_ERRORS: list[type[SignalCraftError]] = [
    errors.UnknownCalibration,
    errors.CalibrationSuperseded,
    errors.NothingToUndo,
]


class ModelCalibrations(APIView):
    """Calibrations of a model for all devices."""

    permission_classes = [
        require_permissions(
            GET="analysis.view_calibrationrecord", POST="registry.curate_registeredmodel"
        )
    ]
    error_responses = {
        "GET": [UnknownModel],
        "POST": [UnknownModel, ModelProtected, *VERSION_ERRORS],
    }

    @extend_schema(
        request=RateRequest, responses={201: CalibrationRecordOut}, examples=[RATE, RETARGETED]
    )
    def post(self, request: Request, model_id: str) -> Response:
        """Set the false-alarm rate of a model.

        The thresholds of the serving version are derived again from its scores.
        """
        version = RegisteredModel.objects.get_by_id(model_id).get_version_to_serve()
        form = RateRequest(data=request.data)
        form.is_valid(raise_exception=True)
        record = retarget(version, by=get_current_user(request), **form.validated_data)
        return Response(CalibrationRecordOut(record).data, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="model_calibrations_list",
        parameters=[CalibrationFilter],
        responses=CalibrationPage,
        examples=[ALL_OF_MODEL],
    )
    def get(self, request: Request, model_id: str) -> Response:
        """List the calibrations of a model.

        Those of every version for all devices, newest first.
        """
        model = RegisteredModel.objects.get_by_id(model_id)
        return respond_with_page(request, CalibrationRecord.objects.of_model(model))


class DeviceCalibrations(APIView):
    """Calibrations for one device."""

    parser_classes = [ClipsParser]
    permission_classes = [
        require_permissions(GET="analysis.view_calibrationrecord", POST="analysis.calibrate_device")
    ]
    throttle_scopes = {"POST": "analyses"}
    error_responses = {
        "GET": [errors.UnknownDevice],
        "POST": [
            *errors.RecordingRefused.__subclasses__(),
            errors.UnknownDevice,
            errors.ModelRequired,
            errors.InconsistentClips,
            errors.DuplicateClip,
            UnknownModel,
            *VERSION_ERRORS,
        ],
    }

    @extend_schema(
        request=ClipsRequest,
        responses={201: DeviceCalibrationOut},
        examples=[CLIPS, DEVICE_CALIBRATED],
    )
    def post(self, request: Request, device_id: str) -> Response:
        """Calibrate a model for a device.

        From 5 to 20 recordings of it while it is healthy, which are not stored.
        """
        device = Device.objects.get_by_device_id(device_id)
        form = ClipsRequest(data=request.data)
        form.is_valid(raise_exception=True)
        params: dict[str, Any] = dict(form.validated_data)

        version = choose_model(params.get("model_id"), device, None).get_version_to_serve()
        calibration = calibrate_for_device(
            device,
            version,
            [file.read() for file in params["files"]],
            by=get_current_user(request),
            why=params["why"],
        )
        return Response(DeviceCalibrationOut(calibration).data, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="device_calibrations_list",
        parameters=[CalibrationFilter],
        responses=CalibrationPage,
        examples=[ALL_OF_DEVICE],
    )
    def get(self, request: Request, device_id: str) -> Response:
        """List the calibrations for a device.

        Those of any model, newest first.
        """
        device = Device.objects.get_by_device_id(device_id)
        return respond_with_page(request, CalibrationRecord.objects.filter(device=device))


class UndoModelCalibration(APIView):
    """Going back to the calibration before, for all devices."""

    permission_classes = [require_permissions(POST="registry.curate_registeredmodel")]
    error_responses = {"POST": [UnknownModel, ModelProtected, *UNDO_ERRORS]}

    @extend_schema(
        request=UndoRequest, responses={201: CalibrationRecordOut}, examples=[UNDO, UNDONE]
    )
    def post(self, request: Request, model_id: str, calibration_id: int) -> Response:
        """Undo a calibration of a model.

        It must be the newest; the calibration before it applies again.
        """
        model = RegisteredModel.objects.get_by_id(model_id)
        return undo(request, CalibrationRecord.objects.of_model(model), calibration_id)


class UndoDeviceCalibration(APIView):
    """Going back to the calibration before, for one device."""

    permission_classes = [require_permissions(POST="analysis.calibrate_device")]
    error_responses = {"POST": [errors.UnknownDevice, *UNDO_ERRORS]}

    @extend_schema(
        request=UndoRequest, responses={201: CalibrationRecordOut}, examples=[UNDO, UNDONE]
    )
    def post(self, request: Request, device_id: str, calibration_id: int) -> Response:
        """Undo a calibration for a device.

        It must be the newest; the calibration before it applies again.
        """
        device = Device.objects.get_by_device_id(device_id)
        return undo(request, CalibrationRecord.objects.filter(device=device), calibration_id)


def respond_with_page(request: Request, rows: CalibrationRecordQuerySet) -> Response:
    """Answer with one page of calibrations, newest first."""
    query = CalibrationFilter(data=request.query_params)
    query.is_valid(raise_exception=True)
    after = rows.page_after(query.validated_data.get("cursor"))
    page = build_page(request, "calibrations", after, size=PAGE_SIZE)
    return Response(CalibrationPage(page).data)


def undo(request: Request, rows: CalibrationRecordQuerySet, calibration_id: int) -> Response:
    """Undo one of these calibrations."""
    form = UndoRequest(data=request.data)
    form.is_valid(raise_exception=True)
    record = rows.get_by_id(calibration_id)
    restored = record.undo(by=get_current_user(request), **form.validated_data)
    return Response(CalibrationRecordOut(restored).data, status.HTTP_201_CREATED)
