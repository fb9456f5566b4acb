"""The front of this server: its bounds, who sends, what probes are told."""

import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from accounts.limits import get_network
from accounts.tokens import find_user_of_token
from analysis.sound.decoding.pool import get_decoders
from core.errors import DatabaseUnavailable, SignalCraftError
from registry.errors import ArtifactUnavailable
from signalcraft import health
from signalcraft.backup import server_lock
from signalcraft.backup.errors import BackupRefused
from signalcraft.front.admission import Admission, Bounds, Sender
from signalcraft.front.bridge import Application
from signalcraft.front.front import Front, Settings
from signalcraft.front.watch import Watch
from signalcraft.middleware import find_client_address

N_THREADS = 16
# Each of them has at most IN_MEMORY_BYTES in memory.
MAX_WAITING = 256
BODIES_PER_ADDRESS = 256
BODIES_PER_USER = 64
# The clips that calibrate a device come in one request.
UPLOADS_IN_ONE_BODY = 4
UPLOADS_AT_ONCE = 16
FORM_BYTES = 2_621_440
# How long a thread that computes keeps the others from it. At Python's 5 ms the event loop waits
# behind all threads of requests, and so does whoever holds the lock of the database.
SWITCH_SECONDS = 0.0005

RECORDINGS_ARRIVE_AT = ("/api/v1/analyses", "/api/mobile/upload")

watch = Watch(health.check_parts)
# Open as long as this process lives.
locks: list[BinaryIO | None] = []


def identify(peer: str, headers: dict[str, str]) -> Sender:
    """Return where a request comes from, and whose it is."""
    address = find_client_address(peer, headers.get("x-forwarded-for", ""))
    scheme, _, token = headers.get("authorization", "").partition(" ")
    user = find_user_of_token(token) if scheme.lower() == "bearer" else None
    return Sender(get_network(address), user)


def answer_healthz() -> tuple[int, dict[str, Any]]:
    return 200, {"status": "ok"}


def answer_readyz() -> tuple[int, dict[str, Any]]:
    return health.describe(watch.get_failed(), age_s=watch.get_age_s())


def refuse(method: str, path: str) -> SignalCraftError | None:
    """Accept no recording that would be lost: what was deleted under a server seems to work."""
    if method in ("GET", "HEAD", "OPTIONS") or not path.startswith(RECORDINGS_ARRIVE_AT):
        return None
    failed = watch.get_failed()
    if "database" in failed or health.is_database_replaced():
        return DatabaseUnavailable("The database does not work now. Try again in a moment.")
    if "recordings" in failed:
        return ArtifactUnavailable("The recording could not be stored now. Try again in a moment.")
    return None


def start() -> None:
    """Prepare what the first requests would otherwise wait for."""
    locks.append(server_lock.share(Path(settings.MEDIA_ROOT)))
    if locks[-1] is None:
        raise BackupRefused("A backup is being restored into this folder. Start again later.")
    health.is_database_replaced()
    sys.setswitchinterval(SWITCH_SECONDS)
    watch.start()
    threading.Thread(target=get_decoders().warm_up, daemon=True).start()


def build_front(wsgi_application: Application) -> Front:
    """Put the front together for this application."""
    return Front(
        wsgi_application,
        settings=Settings(
            n_threads=N_THREADS,
            max_waiting=MAX_WAITING,
            max_form_bytes=FORM_BYTES,
            max_upload_bytes=UPLOADS_IN_ONE_BODY * settings.MAX_UPLOAD_BYTES + FORM_BYTES,
        ),
        admission=Admission(
            Bounds(
                bodies_per_address=BODIES_PER_ADDRESS,
                bodies_per_user=BODIES_PER_USER,
                bytes_in_all=UPLOADS_AT_ONCE * (settings.MAX_UPLOAD_BYTES + FORM_BYTES),
            )
        ),
        identify=identify,
        refuse=refuse,
        probes={"/healthz": answer_healthz, "/readyz": answer_readyz},
        start=start,
        stop=watch.stop,
    )
