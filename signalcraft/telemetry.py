"""/metrics for Prometheus: what the workers of this server did, counted together."""

import hmac
import os
import threading
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from registry.cache import CacheStatistics, model_cache
from signalcraft.middleware import GetResponse

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUESTS = Counter("signalcraft_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "signalcraft_request_seconds",
    "Time from the first look at a request until its answer began.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
CACHE_EVENTS = Counter(
    "signalcraft_model_cache_events", "What the caches of loaded models did.", ["event"]
)
CACHE_ENTRIES = Gauge(
    "signalcraft_model_cache_entries",
    "Models loaded, over all workers.",
    multiprocess_mode="livesum",
)
CACHE_BYTES = Gauge(
    "signalcraft_model_cache_bytes",
    "Memory they take, over all workers.",
    multiprocess_mode="livesum",
)


def measure_requests(get_response: GetResponse) -> GetResponse:
    """Count each request, and how long it took."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = get_response(request)
        route = route_of(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        REQUEST_SECONDS.labels(route).observe(perf_counter() - began)
        cache_watch.tell()
        return response

    return middleware


def route_of(request: HttpRequest) -> str:
    """Name the pattern behind an address: there are few of them, whatever is asked."""
    return request.resolver_match.route if request.resolver_match else "other"


class CacheWatch:
    """Turns what the cache of this process has done so far into counts that add up over processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told = CacheStatistics(hits=0, misses=0, loads=0, evictions=0, entries=0, bytes=0)

    def tell(self) -> None:
        """Count what has happened since the last time."""
        # Looked at under the lock: told in another order than looked at, an event would count twice.
        with self._lock:
            before, self._told = self._told, model_cache.get_statistics()
            for event in ("hits", "misses", "loads", "evictions"):
                CACHE_EVENTS.labels(event).inc(getattr(self._told, event) - getattr(before, event))
            CACHE_ENTRIES.set(self._told.entries)
            CACHE_BYTES.set(self._told.bytes)


cache_watch = CacheWatch()


def metrics(request: HttpRequest) -> HttpResponse:
    """Tell all that is counted, in Prometheus' text format."""
    if not may_read(request):
        return JsonResponse(
            {"code": "permission_denied", "detail": "These numbers are not for everybody."},
            status=403,
        )
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """Allow whoever knows METRICS_TOKEN; without one, whoever asks from this very machine and through no proxy."""
    if settings.METRICS_TOKEN:
        expected = f"Bearer {settings.METRICS_TOKEN}"
        return hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), expected.encode()
        )
    if {"X-Forwarded-For", "Forwarded", "Via"} & set(request.headers):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def registry() -> CollectorRegistry:
    """Return what all workers have counted if they share a folder, else what this process has."""
    folder = settings.PROMETHEUS_MULTIPROC_DIR
    if not folder:
        return REGISTRY
    forget_dead_workers(Path(folder))
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together, folder)
    return together


def forget_dead_workers(folder: Path) -> None:
    """Leave out what workers held that have been replaced; what they counted stays counted."""
    if os.name == "nt":
        return  # There a signal that asks whether a process lives would end it.
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            # Gone already when two ask for the numbers at once.
            with suppress(FileNotFoundError):
                multiprocess.mark_process_dead(pid, folder)
        except PermissionError:
            continue  # It lives, and belongs to somebody else.
