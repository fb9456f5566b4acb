"""/metrics for Prometheus: the counts of all workers of this server, added up."""

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
    """Count each request and the time it took."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = get_response(request)
        route = get_route(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        REQUEST_SECONDS.labels(route).observe(perf_counter() - began)
        cache_reporter.report()
        return response

    return middleware


def get_route(request: HttpRequest) -> str:
    """Return the pattern of an address: there are few of them, whatever is requested."""
    return request.resolver_match.route if request.resolver_match else "other"


class CacheReporter:
    """Turns the statistics of this process's cache into counts that add up over processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reported = CacheStatistics(hits=0, misses=0, loads=0, evictions=0, entries=0, bytes=0)

    def report(self) -> None:
        """Add what has happened since the last report."""
        # Read under the lock: reported in another order, an event would count twice.
        with self._lock:
            before = self._reported
            now = model_cache.get_statistics()
            for event in ("hits", "misses", "loads", "evictions"):
                CACHE_EVENTS.labels(event).inc(getattr(now, event) - getattr(before, event))
            CACHE_ENTRIES.set(now.entries)
            CACHE_BYTES.set(now.bytes)
            self._reported = now


cache_reporter = CacheReporter()


def metrics(request: HttpRequest) -> HttpResponse:
    """Return all counts in Prometheus' text format."""
    if not is_allowed(request):
        body = {"code": "permission_denied", "detail": "You may not read these numbers."}
        return JsonResponse(body, status=403)
    return HttpResponse(generate_latest(collect()), content_type=CONTENT_TYPE_LATEST)


def is_allowed(request: HttpRequest) -> bool:
    """Allow who knows METRICS_TOKEN; without one, requests from this machine and no proxy."""
    if settings.METRICS_TOKEN:
        expected = f"Bearer {settings.METRICS_TOKEN}"
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), expected.encode())
    if {"X-Forwarded-For", "Forwarded", "Via"} & set(request.headers):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def collect() -> CollectorRegistry:
    """Return the counts of all workers that share a folder, else those of this process."""
    folder = settings.PROMETHEUS_MULTIPROC_DIR
    if not folder:
        return REGISTRY
    remove_dead_workers(Path(folder))
    total = CollectorRegistry()
    multiprocess.MultiProcessCollector(total, folder)
    return total


def remove_dead_workers(folder: Path) -> None:
    """Remove what ended workers held in memory; their counts stay."""
    if os.name == "nt":
        return  # There the signal that asks whether a process lives would end it.
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            # The file may be gone if two requests come at once.
            with suppress(FileNotFoundError):
                multiprocess.mark_process_dead(pid, folder)
        except PermissionError:
            continue  # It lives and belongs to another user.
