"""From an ASGI scope to a call of the WSGI application, and from its answer back."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Scope = dict[str, Any]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
IN_MEMORY_BYTES = 1024 * 1024


@dataclass(slots=True)
class Answer:
    """A whole answer, so that no thread waits for whoever reads it slowly."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: "SpooledTemporaryFile[bytes]"


def get_headers(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name; one that comes again is joined, as HTTP allows."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin1").lower(), raw_value.decode("latin1")
        # HTTP/2 may send a cookie in pieces.
        separator = "; " if name == "cookie" else ","
        headers[name] = f"{headers[name]}{separator}{value}" if name in headers else value
    return headers


def build_environ(scope: Scope, body: IO[bytes], n_bytes: int, address: str) -> dict[str, Any]:
    """Return what WSGI calls the environment of a request (PEP 3333)."""
    server = scope.get("server") or ("localhost", 80)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", ""),
        "PATH_INFO": unquote_to_bytes(scope.get("raw_path") or scope["path"]).decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": address,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in get_headers(scope).items():
        # X_Forwarded_For would pass for X-Forwarded-For.
        if "_" not in name:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    # What has arrived counts, not what was declared.
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(n_bytes)
    return environ


def call(application: Application, environ: dict[str, Any]) -> Answer:
    """Call the application and collect its answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        started.append((status, headers))
        return body.write

    body = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
    try:
        chunks = application(environ, start_response)
        try:
            body.writelines(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
    except BaseException:
        body.close()
        raise
    body.seek(0)
    status, headers = started[-1]
    encoded = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]
    return Answer(int(status.split(" ", 1)[0]), encoded, body)
