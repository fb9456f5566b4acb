"""How the server is started: its command and the environment that suits it.

Standard library only: `bootstrap.py` needs it before anything is installed.
"""

from __future__ import annotations

# glibc keeps what one analysis frees for the next one; other systems ignore these variables.
# docs/decisions/signalcraft-freed-memory.md has the measurement.
MALLOC_SETTINGS = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_TRIM_THRESHOLD_": str(16 * 2**20),
    "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20),
}


def server_command(
    host: str,
    port: int,
    workers: int,
    application: str = "signalcraft.asgi:application",
    interface: str = "asgi",
) -> tuple[str, ...]:
    """Tell Python how to serve."""
    # The front has threads of its own. Left alone, granian would start 512 threads for each other
    # worker; more than a few only queue for the same cores.
    threads = ("--blocking-threads=16",) if interface == "wsgi" else ()
    where = ("--host", host, "--port", str(port), "--workers", str(workers))
    how = (
        f"--interface={interface}",
        *threads,
        "--no-ws",
        # Of headers; signalcraft.front looks after bodies.
        "--http1-header-read-timeout=10000",
        "--respawn-failed-workers",
        "--workers-kill-timeout=30",
        "--log-level=error",
    )
    return ("-m", "signalcraft.launch.preloaded", *where, *how, application)
