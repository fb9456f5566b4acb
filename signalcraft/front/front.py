"""The ASGI application in front of Django: reads bodies, answers probes, hands over the rest.

No slow client holds a thread: a request goes to one when all of it is there, and the thread is
free again as soon as the whole answer is.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import uuid4

from django.utils.encoding import escape_uri_path

from core.errors import InvalidRequest, ServerBusy, SignalCraftError, TooSlow
from signalcraft.front.admission import Admission, Sender
from signalcraft.front.bodies import (
    BYTES_PER_SECOND,
    IN_MEMORY_BYTES,
    Body,
    Disconnected,
    Message,
    Receive,
    drain,
    parse_length,
    read_body,
)
from signalcraft.front.bridge import Answer, Application, Scope, build_environ, call, get_headers

Send = Callable[[Message], Awaitable[None]]
logger = logging.getLogger(__name__)

SEND_BLOCK_BYTES = 256 * 1024
# Beyond what the size of an answer gives its reader.
SEND_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is taken at once. Only who has signed in may send more than a form."""

    n_threads: int
    max_waiting: int
    max_form_bytes: int
    max_upload_bytes: int


class Front:
    """Serves the WSGI application; `probes` answer by path, `identify` finds who sends.

    `refuse` says by method and path why a request cannot be served now.
    """

    def __init__(
        self,
        application: Application,
        *,
        settings: Settings,
        admission: Admission,
        identify: Callable[[str, dict[str, str]], Sender],
        probes: dict[str, Callable[[], tuple[int, dict[str, Any]]]],
        refuse: Callable[[str, str], SignalCraftError | None],
        start: Callable[[], None],
        stop: Callable[[], None],
    ) -> None:
        self._application = application
        self._settings = settings
        self._admission = admission
        self._identify = identify
        self._probes = probes
        self._refuse = refuse
        self._start = start
        self._stop = stop
        # They live as long as the process, and with them their connections to the database.
        self._threads = ThreadPoolExecutor(settings.n_threads, "request")
        self._n_waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] in self._probes and scope["method"] in ("GET", "HEAD"):
            await send_json(send, *self._probes[scope["path"]]())
        else:
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._stop()
        await asyncio.to_thread(self._threads.shutdown)
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = get_headers(scope)
        client = scope.get("client") or ("", 0)
        sender = self._identify(client[0], headers)
        try:
            if refusal := self._refuse(scope["method"], scope["path"]):
                raise refusal
            body = await self._read(receive, headers, sender)
            answer = await self._hand_over(scope, body, client[0])
        except SignalCraftError as refusal:
            log_refusal(scope, refusal, sender)
            if not isinstance(refusal, TooSlow):
                await drain(receive)
            await send_problem(send, refusal)
        except Disconnected:
            # Gone, or it sent chunks that cannot be read: then there is still somebody to tell.
            logger.info("%s sent no whole request.", sender.address)
            await send_problem(send, InvalidRequest("The request ended before its body did."))
        else:
            await send_answer(send, answer)

    async def _read(self, receive: Receive, headers: dict[str, str], sender: Sender) -> Body:
        declared = parse_length(headers.get("content-length"))
        if not declared and "transfer-encoding" not in headers:
            return Body(SpooledTemporaryFile(max_size=IN_MEMORY_BYTES), self._admission)
        max_bytes = self._settings.max_form_bytes
        if sender.user is not None:
            max_bytes = self._settings.max_upload_bytes
        elif declared > max_bytes and "authorization" in headers:
            # An old token: Django says so, which it can without the body.
            return Body(SpooledTemporaryFile(max_size=IN_MEMORY_BYTES), self._admission)
        with self._admission.admit(sender):
            return await read_body(
                receive, declared=declared, max_bytes=max_bytes, admission=self._admission
            )

    async def _hand_over(self, scope: Scope, body: Body, address: str) -> Answer:
        try:
            if self._n_waiting >= self._settings.max_waiting:
                raise ServerBusy("Too many requests are waiting. Try again in a moment.")
            environ = build_environ(scope, body.file, body.n_bytes, address)
            self._n_waiting += 1
            try:
                loop = asyncio.get_running_loop()
                work = loop.run_in_executor(self._threads, call, self._application, environ)
                # What has begun is finished, even if whoever asked has gone.
                return await asyncio.shield(work)
            finally:
                self._n_waiting -= 1
        finally:
            body.close()


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer; who reads it too slowly gets no more of it."""
    with answer.body as body:
        size = body.seek(0, 2) or body.tell()
        body.seek(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(SEND_SECONDS + size / BYTES_PER_SECOND):
                start = {"status": answer.status, "headers": answer.headers}
                await send({"type": "http.response.start", **start})
                while block := body.read(SEND_BLOCK_BYTES):
                    await send({"type": "http.response.body", "body": block, "more_body": True})
                await send({"type": "http.response.body", "body": b""})


async def send_problem(send: Send, refusal: SignalCraftError) -> None:
    """Answer as the API does, and end the connection: the rest of the body is unread."""
    headers = {**refusal.headers, "Connection": "close", "X-Request-ID": uuid4().hex}
    content = {"code": refusal.code, "detail": str(refusal)}
    await send_json(send, refusal.status_code, content, headers)


async def send_json(
    send: Send, status: int, content: dict[str, Any], headers: dict[str, str] | None = None
) -> None:
    """Send JSON."""
    body = json.dumps(content).encode()
    every_header = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        **(headers or {}),
    }
    encoded = [(name.lower().encode(), value.encode()) for name, value in every_header.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def log_refusal(scope: Scope, refusal: SignalCraftError, sender: Sender) -> None:
    """Write the line of a request that Django never sees."""
    fields = {
        "method": escape_uri_path(scope["method"]),
        "path": escape_uri_path(scope["path"]),
        "status": refusal.status_code,
        "code": refusal.code,
        "address": sender.address,
    }
    line = "%(method)s %(path)s %(status)s %(code)s"
    logger.warning(line, fields, extra={"fields": fields})
