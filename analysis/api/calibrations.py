"""The HTTP side of calibrations: of a model for all devices, of a model for one device, and back."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

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
    *[ModelInactive, NoServingVersion, errors.NotCalibrated, ArtifactUnavailable, ArtifactCorrupt]
]
UNDO_ERRORS: list[type[SignalCraftError]] = [errors.CalibrationSuperseded, errors.NothingToUndo]


def list_page(request: Request, rows: CalibrationRecordQuerySet) -> Response:
    """Answer with one page of calibrations, newest first."""
    query = CalibrationFilter(data=request.query_params)
    query.is_valid(raise_exception=True)
    found = list(rows.page_after(query.validated_data.get("cursor"))[: PAGE_SIZE + 1])
    page = {"calibrations": found[:PAGE_SIZE], "next": None}
    if len(found) > PAGE_SIZE:
        page["next"] = replace_query_param(
            request.build_absolute_uri(), "cursor", found[PAGE_SIZE - 1].pk
        )
    return Response(CalibrationPage(page).data)


class ModelCalibrations(APIView):
    """Calibrations of a model for all devices."""

    permission_classes = [
        require_permissions(
            GET="analysis.view_calibrationrecord", POST="registry.curate_registeredmodel"
        )
    ]
    error_responses: ClassVar = {
        "GET": [UnknownModel],
        "POST": [UnknownModel, ModelProtected, *VERSION_ERRORS],
    }

    @extend_schema(
        request=RateRequest, responses={201: CalibrationRecordOut}, examples=[RATE, RETARGETED]
    )
    def post(self, request: Request, model_id: str) -> Response:
        """Set how many false alarms the serving version is to give."""
        version = RegisteredModel.objects.get_by_id(model_id).get_version_to_serve()
        form = RateRequest(data=request.data)
        form.is_valid(raise_exception=True)
        record = retarget(version, by=request.user, **form.validated_data)
        return Response(CalibrationRecordOut(record).data, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="model_calibrations_list",
        parameters=[CalibrationFilter],
        responses=CalibrationPage,
        examples=[ALL_OF_MODEL],
    )
    def get(self, request: Request, model_id: str) -> Response:
        """List the calibrations of every version for all devices, newest first."""
        model = RegisteredModel.objects.get_by_id(model_id)
        return list_page(request, CalibrationRecord.objects.of_model(model))


class DeviceCalibrations(APIView):
    """Calibrations for one device."""

    parser_classes = [ClipsParser]
    permission_classes = [
        require_permissions(GET="analysis.view_calibrationrecord", POST="analysis.calibrate_device")
    ]
    throttle_scopes = {"POST": "analyses"}
    error_responses: ClassVar = {
        "GET": [errors.UnknownDevice],
        "POST": [
            *errors.RecordingRefused.__subclasses__(),
            *[
                errors.UnknownDevice,
                errors.ModelRequired,
                errors.InconsistentClips,
                errors.DuplicateClip,
                UnknownModel,
            ],
            *VERSION_ERRORS,
        ],
    }

    @extend_schema(
        request=ClipsRequest,
        responses={201: DeviceCalibrationOut},
        examples=[CLIPS, DEVICE_CALIBRATED],
    )
    def post(self, request: Request, device_id: str) -> Response:
        """Tell from 5 to 20 recordings what is normal for this device."""
        device = Device.objects.get_by_device_id(device_id)
        form = ClipsRequest(data=request.data)
        form.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(form.validated_data)
        version = choose_model(asked.get("model_id"), device, None).get_version_to_serve()
        contents = [file.read() for file in asked["files"]]
        made = calibrate_for_device(device, version, contents, by=request.user, why=asked["why"])
        return Response(DeviceCalibrationOut(made).data, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="device_calibrations_list",
        parameters=[CalibrationFilter],
        responses=CalibrationPage,
        examples=[ALL_OF_DEVICE],
    )
    def get(self, request: Request, device_id: str) -> Response:
        """List the calibrations of any model for this device, newest first."""
        return list_page(
            request,
            CalibrationRecord.objects.filter(device=Device.objects.get_by_device_id(device_id)),
        )


class UndoModelCalibration(APIView):
    """The way back from a calibration of a model."""

    permission_classes = [require_permissions(POST="registry.curate_registeredmodel")]
    error_responses: ClassVar = {
        "POST": [UnknownModel, ModelProtected, errors.UnknownCalibration, *UNDO_ERRORS]
    }

    @extend_schema(
        request=UndoRequest, responses={201: CalibrationRecordOut}, examples=[UNDO, UNDONE]
    )
    def post(self, request: Request, model_id: str, calibration_id: int) -> Response:
        """Let what held before the present calibration of a model hold again."""
        model = RegisteredModel.objects.get_by_id(model_id)
        return undo(request, CalibrationRecord.objects.of_model(model), calibration_id)


class UndoDeviceCalibration(APIView):
    """The way back from a calibration for a device."""

    permission_classes = [require_permissions(POST="analysis.calibrate_device")]
    error_responses: ClassVar = {
        "POST": [errors.UnknownDevice, errors.UnknownCalibration, *UNDO_ERRORS]
    }

    @extend_schema(
        request=UndoRequest, responses={201: CalibrationRecordOut}, examples=[UNDO, UNDONE]
    )
    def post(self, request: Request, device_id: str, calibration_id: int) -> Response:
        """Let what held before the present calibration for this device hold again."""
        return undo(
            request,
            CalibrationRecord.objects.filter(device=Device.objects.get_by_device_id(device_id)),
            calibration_id,
        )


def undo(request: Request, rows: CalibrationRecordQuerySet, calibration_id: int) -> Response:
    """Undo one of these calibrations."""
    form = UndoRequest(data=request.data)
    form.is_valid(raise_exception=True)
    record = rows.get_by_id(calibration_id).undo(by=request.user, **form.validated_data)
    return Response(CalibrationRecordOut(record).data, status.HTTP_201_CREATED)
