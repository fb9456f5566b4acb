"""API views of what was recorded: the spectrogram and the audio of an analysis."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, parse_etags
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from accounts.current_user import get_current_user
from accounts.permissions import require_permissions
from analysis.api.byte_ranges import parse_range_header
from analysis.api.examples import AUDIO_RESPONSES, PICTURE_RESPONSES, RANGE
from analysis.api.serializers import PictureSize
from analysis.errors import (
    RangeNotSatisfiable,
    RecordingGone,
    RecordingRefused,
    RecordingUnavailable,
)
from analysis.loading import detector_for
from analysis.models import Analysis, AnalysisQuerySet, Recording
from analysis.recordings import (
    build_download_name,
    extract_channel,
    get_media_type,
    open_slice,
    read_recording,
)
from analysis.sound.audio import Limits, decode
from analysis.sound.explanation import Band, Segment
from analysis.sound.spectrogram import PICTURE_VERSION, render_spectrogram
from registry.errors import ArtifactCorrupt, ArtifactUnavailable

# Neither the picture nor the sound ever changes. Vary makes a shared browser ask for each user.
CACHE_CONTROL = "private, max-age=86400, immutable"
JUDGED = "judged"


class AudioQuery(serializers.Serializer[Any]):
    """Which sound is sent."""

    channel = serializers.ChoiceField(
        choices=[JUDGED],
        required=False,
        help_text=(
            "judged: of several channels only what was judged, as a mono wav. Without it, the "
            "recording as it was uploaded."
        ),
    )


class IgnoreAccept(BaseContentNegotiation):
    """Sends the one picture or sound there is (or an error as JSON), whatever Accept says."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer, which is JSON."""
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class AnalysisMediaView(GenericAPIView[Analysis]):
    """Base of the views of one analysis, for those who may read it."""

    permission_classes = [require_permissions(GET="analysis.view_analysis")]
    content_negotiation_class = IgnoreAccept

    def get_queryset(self) -> AnalysisQuerySet:
        readable = Analysis.objects.visible_to(get_current_user(self.request))
        return readable.select_related("recording", "version")


class Spectrogram(AnalysisMediaView):
    """The recording of an analysis as a picture."""

    error_responses = {
        "GET": [RecordingGone, RecordingUnavailable, ArtifactUnavailable, ArtifactCorrupt]
    }

    @extend_schema(
        operation_id="analyses_spectrogram", parameters=[PictureSize], responses=PICTURE_RESPONSES
    )
    def get(self, request: Request, **_path: Any) -> HttpResponseBase:
        """Get the spectrogram.

        It shows the log-mel frames that the model judged; the segments and bands of the
        explanation are marked.
        """
        form = PictureSize(data=request.query_params)
        form.is_valid(raise_exception=True)
        return respond_with_picture(request, self.get_object(), **form.validated_data)


class Audio(AnalysisMediaView):
    """The recording of an analysis as a sound."""

    error_responses = {"GET": [RecordingGone, RecordingUnavailable, RangeNotSatisfiable]}

    @extend_schema(
        operation_id="analyses_audio", parameters=[RANGE, AudioQuery], responses=AUDIO_RESPONSES
    )
    def get(self, request: Request, **_path: Any) -> HttpResponseBase:
        """Get the audio.

        The recording is sent as it was uploaded, or a range of its bytes.
        """
        form = AudioQuery(data=request.query_params)
        form.is_valid(raise_exception=True)
        analysis = self.get_object()
        if form.validated_data.get("channel") == JUDGED:
            return respond_with_judged_sound(request, analysis)
        return respond_with_recording(request, analysis.recording)


def respond_with_picture(
    request: Request | HttpRequest,
    analysis: Analysis,
    *,
    width: int,
    height: int,
    em: int | None = None,
) -> HttpResponseBase:
    """Answer with the spectrogram as a PNG, or 304 if the client has it."""
    etag = f'"{analysis.pk}.{PICTURE_VERSION}.{width}x{height}.{em}"'
    if is_not_modified(request, etag):
        return set_cache_headers(HttpResponse(status=304), etag)

    picture = render_picture(analysis, width=width, height=height, em=em)
    return set_cache_headers(HttpResponse(picture, content_type="image/png"), etag)


def render_picture(analysis: Analysis, *, width: int, height: int, em: int | None) -> bytes:
    """Render the spectrogram of an analysis, with what stood out, as a PNG."""
    recording = analysis.recording
    explanation = analysis.explanation
    # It was accepted once, whatever may be uploaded today.
    limits = Limits(max_bytes=recording.size_bytes, max_seconds=analysis.quality["duration_s"] + 1)
    front_end = detector_for(analysis.version).front_end
    try:
        return render_spectrogram(
            decode(read_recording(recording), limits, pick=analysis.pick).waveform,
            front_end,
            segments=[Segment(each["start_s"], each["end_s"]) for each in explanation["segments"]],
            bands=[Band(**band) for band in explanation["bands"]],
            width=width,
            height=height,
            em=em,
        )
    except RecordingRefused as exc:
        raise RecordingUnavailable("The recording could be decoded once, but not now.") from exc


def respond_with_recording(
    request: Request | HttpRequest, recording: Recording
) -> HttpResponseBase:
    """Answer with the sound or the range that is asked for, or 304 if the client has it."""
    etag = f'"{recording.sha256}"'
    if is_not_modified(request, etag):
        return set_cache_headers(HttpResponse(status=304), etag)

    positions = parse_range(request, etag, recording.size_bytes)
    return set_cache_headers(stream_recording(recording, positions), etag)


def respond_with_judged_sound(
    request: Request | HttpRequest, analysis: Analysis
) -> HttpResponseBase:
    """Answer with the channel that was judged, or a range of its bytes."""
    if analysis.quality["channels"] == 1:
        return respond_with_recording(request, analysis.recording)
    etag = f'"{analysis.recording.sha256}.{analysis.pick}"'
    if is_not_modified(request, etag):
        return set_cache_headers(HttpResponse(status=304), etag)

    content = extract_channel(analysis.recording, analysis.pick)
    positions = parse_range(request, etag, len(content))
    to_send = range(len(content)) if positions is None else positions
    response = HttpResponse(content[to_send.start : to_send.stop], content_type="audio/wav")
    response["Accept-Ranges"] = "bytes"
    if positions is not None:
        mark_as_part(response, to_send, len(content))
    return set_cache_headers(response, etag)


def mark_as_part(response: HttpResponseBase, positions: range, size: int) -> None:
    """Say which bytes of how many are sent."""
    response.status_code = 206
    response["Content-Range"] = f"bytes {positions.start}-{positions.stop - 1}/{size}"


def stream_recording(recording: Recording, positions: range | None) -> StreamingHttpResponse:
    """Answer with these bytes of a recording; None: with all of them."""
    to_send = range(recording.size_bytes) if positions is None else positions
    response = StreamingHttpResponse(
        open_slice(recording, to_send), content_type=get_media_type(recording)
    )
    response["Content-Length"] = len(to_send)
    disposition = content_disposition_header(False, build_download_name(recording))
    response["Content-Disposition"] = disposition or "inline"
    response["Accept-Ranges"] = "bytes"
    if positions is not None:
        mark_as_part(response, positions, recording.size_bytes)
    return response


def parse_range(request: Request | HttpRequest, etag: str, size: int) -> range | None:
    """Return the range to send; None: the whole, also if the client's part is of another file."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    return parse_range_header(request.headers.get("Range", ""), size)


def is_not_modified(request: Request | HttpRequest, etag: str) -> bool:
    """Whether the client has what would be sent."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return any(each.removeprefix("W/") in (etag, "*") for each in known)


def set_cache_headers(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """Let this user's client cache the answer, and no proxy and no other user."""
    response["ETag"] = etag
    response["Cache-Control"] = CACHE_CONTROL
    patch_vary_headers(response, ["Authorization"])
    return response
