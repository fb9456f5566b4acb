"""The words of the pages around app, admin and API, in both languages."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language_from_request

Words = dict[str, Any]

DOOR: dict[str, Words] = {
    "en": {
        "lead": "Is this machine healthy? Record it, and know in a second.",
        "signed_in": "Signed in as",
        "yours": "your work",
        "doors": {
            "app": ("Field app", "Record a machine or send a recording, and get a verdict."),
            "admin": (
                "Administration",
                "Decide which models are offered, and look after machines and analyses.",
            ),
            "api": ("API", "Judge recordings by a script: every operation, with examples."),
        },
    },
    "ko": {
        "lead": "이 기계는 정상일까요? 소리를 녹음하면 바로 알 수 있습니다.",
        "signed_in": "로그인한 계정:",
        "yours": "내 작업",
        "doors": {
            "app": ("현장 앱", "기계 소리를 녹음하거나 파일을 보내 판정을 받습니다."),
            "admin": ("관리자 페이지", "어떤 모델을 제공할지 정하고, 기계와 분석을 관리합니다."),
            "api": ("API", "스크립트로 녹음을 판정합니다. 모든 기능과 예제가 있습니다."),
        },
    },
}

# What happened, and what to do next.
PROBLEMS: dict[int | str, dict[str, tuple[str, str]]] = {
    400: {
        "en": ("This request cannot be understood.", "Go back, and try again."),
        "ko": ("요청을 이해할 수 없습니다.", "뒤로 돌아가 다시 시도하세요."),
    },
    403: {
        "en": (
            "Your account may not open this page.",
            "An administrator can give it the role that may.",
        ),
        "ko": (
            "이 계정은 이 페이지를 열 수 없습니다.",
            "관리자가 필요한 역할을 줄 수 있습니다.",
        ),
    },
    "csrf": {
        "en": (
            "This form is too old, or cookies are off.",
            "Nothing was changed. Go back, load the page again, and repeat it there.",
        ),
        "ko": (
            "양식이 오래되었거나 쿠키가 꺼져 있습니다.",
            "아무것도 바뀌지 않았습니다. 뒤로 돌아가 페이지를 새로 고친 뒤 다시 하세요.",
        ),
    },
    404: {
        "en": ("There is nothing at this address.", "It may be mistyped, or from long ago."),
        "ko": ("이 주소에는 아무것도 없습니다.", "주소가 틀렸거나 오래된 것일 수 있습니다."),
    },
    500: {
        "en": (
            "Something went wrong on the server.",
            "It has been logged. Try again in a moment.",
        ),
        "ko": ("서버에서 문제가 생겼습니다.", "기록해 두었습니다. 잠시 뒤에 다시 시도하세요."),
    },
}
WAY_ON = {"en": "To the start page", "ko": "시작 페이지로"}


def language_of(request: HttpRequest) -> str:
    """Return the reader's language, of the two that there are words for."""
    return "ko" if get_language_from_request(request) == "ko" else "en"
