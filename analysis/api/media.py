"""The HTTP side of what was recorded: look at it and listen to it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, parse_etags
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from accounts.permissions import require_permissions
from analysis.api.byte_ranges import parse_range_header
from analysis.api.examples import AUDIO_RESPONSES, PICTURE_RESPONSES, RANGE
from analysis.api.serializers import PictureSize
from analysis.errors import RangeNotSatisfiable, RecordingGone, RecordingUnavailable
from analysis.models import Analysis, AnalysisQuerySet, Recording
from analysis.pipeline import render_picture
from analysis.recordings import build_download_name, get_media_type, open_slice
from analysis.sound.spectrogram import PICTURE_VERSION
from registry.errors import ArtifactCorrupt, ArtifactUnavailable

# Neither ever changes; a browser that several people use asks again for each.
CACHE_CONTROL = "private, max-age=86400, immutable"


class IgnoreAccept(BaseContentNegotiation):
    """There is one picture and one sound to send, and errors are JSON, whatever a client says it accepts."""

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        """Take the first, which is JSON."""
        return renderers[0], renderers[0].media_type


class AnalysisMediaView(GenericAPIView[Analysis]):
    """What belongs to an analysis and is for those who may read it."""

    permission_classes = [require_permissions(GET="analysis.view_analysis")]
    content_negotiation_class = IgnoreAccept

    def get_queryset(self) -> AnalysisQuerySet:
        return Analysis.objects.visible_to(self.request.user).select_related("recording", "version")


class Spectrogram(AnalysisMediaView):
    """The recording of an analysis as a picture."""

    error_responses = {
        "GET": [RecordingGone, RecordingUnavailable, ArtifactUnavailable, ArtifactCorrupt]
    }

    @extend_schema(
        operation_id="analyses_spectrogram", parameters=[PictureSize], responses=PICTURE_RESPONSES
    )
    def get(self, request: Request, **_path: Any) -> HttpResponseBase:
        """Draw the log-mel spectrogram that the model heard, with the moments and bands that stand out marked."""
        form = PictureSize(data=request.query_params)
        form.is_valid(raise_exception=True)
        return respond_with_picture(request, self.get_object(), **form.validated_data)


class Audio(AnalysisMediaView):
    """The recording of an analysis as a sound."""

    error_responses = {"GET": [RecordingGone, RecordingUnavailable, RangeNotSatisfiable]}

    @extend_schema(operation_id="analyses_audio", parameters=[RANGE], responses=AUDIO_RESPONSES)
    def get(self, request: Request, **_path: Any) -> HttpResponseBase:
        """Send the recording as it was uploaded, or the range of its bytes that is asked for."""
        return respond_with_recording(request, self.get_object().recording)


def respond_with_picture(
    request: Request | HttpRequest,
    analysis: Analysis,
    *,
    width: int,
    height: int,
    em: int | None = None,
) -> HttpResponseBase:
    """Answer with the picture, unless the client has it."""
    etag = f'"{analysis.pk}.{PICTURE_VERSION}.{width}x{height}.{em}"'
    if is_not_modified(request, etag):
        return set_cache_headers(HttpResponse(status=304), etag)
    return set_cache_headers(
        HttpResponse(
            render_picture(analysis, width=width, height=height, em=em), content_type="image/png"
        ),
        etag,
    )


def respond_with_recording(
    request: Request | HttpRequest, recording: Recording
) -> HttpResponseBase:
    """Answer with the sound, or with the range of it that is asked for, unless the client has it."""
    etag = f'"{recording.sha256}"'
    if is_not_modified(request, etag):
        return set_cache_headers(HttpResponse(status=304), etag)
    return set_cache_headers(
        stream_recording(recording, parse_range(request, etag, recording.size_bytes)), etag
    )


def stream_recording(recording: Recording, asked: range | None) -> StreamingHttpResponse:
    """Answer with all the bytes of a recording, or with those asked for."""
    sent = range(recording.size_bytes) if asked is None else asked
    response = StreamingHttpResponse(
        open_slice(recording, sent), content_type=get_media_type(recording)
    )
    response["Content-Length"] = len(sent)
    response["Content-Disposition"] = content_disposition_header(
        False, build_download_name(recording)
    )
    response["Accept-Ranges"] = "bytes"
    if asked is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{recording.size_bytes}"
    return response


def parse_range(request: Request | HttpRequest, etag: str, size: int) -> range | None:
    """Return the range to send; None for the whole, also where the client's part is of another file."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    return parse_range_header(request.headers.get("Range", ""), size)


def is_not_modified(request: Request | HttpRequest, etag: str) -> bool:
    """Whether the client has what would be sent."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return any(each.removeprefix("W/") in (etag, "*") for each in known)


def set_cache_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Let the one who asked keep the answer, and nobody between or after."""
    response["ETag"] = etag
    response["Cache-Control"] = CACHE_CONTROL
    patch_vary_headers(response, ["Authorization"])
    return response
