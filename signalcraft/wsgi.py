"""The WSGI entry point that granian serves."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

# Before anything loads numpy: requests share the cores already, and BLAS threads that wait for one
# another turn an analysis of milliseconds into hundreds.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signalcraft.settings")
django_application = get_wsgi_application()


def limit_decoders() -> None:
    """Let two requests decode at once, and none wait for long: a client has a time limit too."""
    from analysis.sound.decoding.pool import replace_decoders

    replace_decoders(size=2, max_wait_s=5.0)


limit_decoders()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Serve a request whose Content-Type names no codec but UTF-8, whatever the client wrote."""
    environ["CONTENT_TYPE"] = clean_content_type(environ.get("CONTENT_TYPE", ""))
    return django_application(environ, start_response)


def clean_content_type(header: str) -> str:
    """Drop the charset, which may be any codec; drop a header that cannot be parsed.

    Django would use the codec to read the query too, and fail before it can answer.
    """
    try:
        content_type, params = parse_header_parameters(header)
    except ValueError:
        return ""
    if params.get("charset", "utf-8").lower() in ("utf-8", "utf8"):
        return header
    parts = [content_type]
    parts += [f"{name}={quote(value)}" for name, value in params.items() if name != "charset"]
    return "; ".join(parts)


def quote(value: str) -> str:
    """Write the value of a header's parameter as a quoted string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
