"""The field app at /app/, or a page that says why it is not available yet."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils._os import safe_join
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django.views.static import serve

from signalcraft import web_build
from signalcraft.web_build import Progress, State, Step

PAGE = "index.html"
# Files that code refers to: their names contain a digest, so one that is missing is an error.
CODE = ("_expo/", "assets/")
CACHE_FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
# By what browsers call them; the smallest first.
ENCODINGS = {"br": ".br", "gzip": ".gz"}
RELOAD_SECONDS = 5

SENTENCES = {
    State.BUILDING: {
        "en": (
            "The field app is being built. The first time takes a few minutes; "
            "it then opens here by itself."
        ),
        "ko": (
            "현장 앱을 빌드하는 중입니다. "
            "처음에는 몇 분 걸리며, 끝나면 이 페이지에서 자동으로 열립니다."
        ),
    },
    State.FAILED: {
        "en": (
            "The field app could not be built. "
            "See mobile/dist/build.log on the server, then restart the server."
        ),
        "ko": (
            "현장 앱을 빌드하지 못했습니다. "
            "서버의 mobile/dist/build.log를 확인한 뒤 서버를 다시 시작하세요."
        ),
    },
    State.NO_NODE: {
        "en": (
            "The field app for browsers needs Node.js 20 on the server. "
            "Install it, then restart the server."
        ),
        "ko": (
            "브라우저용 현장 앱에는 서버에 Node.js 20이 필요합니다. "
            "설치한 뒤 서버를 다시 시작하세요."
        ),
    },
    State.NOT_BUILT: {
        "en": (
            "The field app has not been built. Run python -m signalcraft.web_build on the server."
        ),
        "ko": (
            "현장 앱이 아직 빌드되지 않았습니다. "
            "서버에서 python -m signalcraft.web_build를 실행하세요."
        ),
    },
}

STEPS = {
    Step.INSTALLING: {
        "en": "Step 1 of 2: installing what it is built with, for {duration} so far.",
        "ko": "2단계 중 1단계: 빌드에 필요한 패키지를 설치하는 중입니다({duration} 지남).",
    },
    Step.EXPORTING: {
        "en": "Step 2 of 2: building it for browsers, for {duration} so far.",
        "ko": "2단계 중 2단계: 브라우저용 앱을 빌드하는 중입니다({duration} 지남).",
    },
}
DURATIONS = {
    "en": ("{seconds} s", "{minutes} min {seconds} s"),
    "ko": ("{seconds}초", "{minutes}분 {seconds}초"),
}

UNAVAILABLE_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">{reload}
<title>SignalCraft</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 36em; margin: 20vh auto; padding: 0 24px }}
:lang(ko) {{ word-break: keep-all }}
</style>
<h1>SignalCraft</h1><p role="status">{sentence}</p>{progress}
</html>
"""


@require_safe
def field_app(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a file of the web build, or the page: it shows what its address names."""
    state = web_build.read_state()
    if state != State.READY:
        return render_unavailable(request, state)
    is_code = path.startswith(CODE)
    name = path if is_code or is_built(path) else PAGE
    stored = choose_compressed(request.headers.get("Accept-Encoding", ""), name)
    # It tells type and encoding by the name, as in main.js.br.
    response = serve(request, stored, document_root=str(web_build.WEB))
    response.headers["Cache-Control"] = CACHE_FOREVER if is_code else REVALIDATE
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def choose_compressed(accepted: str, name: str) -> str:
    """Return the smallest file of this content that the browser accepts and the build has."""
    codings = {
        coding.strip()
        for coding, _, weight in (each.partition(";") for each in accepted.lower().split(","))
        if weight.strip() not in ("q=0", "q=0.0")
    }
    known = [f"{name}{ending}" for coding, ending in ENCODINGS.items() if coding in codings]
    return next((stored for stored in known if is_built(stored)), name)


def is_built(path: str) -> bool:
    """Return whether the build has a file of this name; one beside the build is refused."""
    try:
        return bool(path) and Path(safe_join(web_build.WEB, path)).is_file()
    except OSError:  # longer than a file's name may be
        return False


def render_unavailable(request: HttpRequest, state: State) -> HttpResponse:
    """Render why the app is unavailable; during a build the page reloads itself."""
    is_building = state == State.BUILDING
    reload = f'<meta http-equiv="refresh" content="{RELOAD_SECONDS}">' if is_building else ""
    language = "ko" if request.LANGUAGE_CODE == "ko" else "en"
    progress = web_build.read_progress() if is_building else None
    page = UNAVAILABLE_PAGE.format(
        language=language,
        reload=reload,
        sentence=SENTENCES[state][language],
        progress=f"<p>{describe(progress, language)}</p>" if progress else "",
    )
    return HttpResponse(
        page, status=503, headers={"Retry-After": str(RELOAD_SECONDS)} if is_building else None
    )


def describe(progress: Progress, language: str) -> str:
    """Say which step of the build runs, and for how long."""
    minutes, seconds = divmod(round(progress.seconds), 60)
    short, long = DURATIONS[language]
    duration = (long if minutes else short).format(minutes=minutes, seconds=seconds)
    return STEPS[progress.step][language].format(duration=duration)
