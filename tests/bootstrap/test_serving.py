"""The server that bootstrap.py keeps running: signals, crashes, two starts at once."""

import os
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.bootstrap.stand_in_clone import (
    await_line,
    calls,
    have_gone,
    served,
    served_twice,
    stop,
    told,
    told_patiently,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform == "win32", reason="the stand-in interpreter is a shell script"
    ),
]


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_server_and_worker(folder, port, with_signal):
    if signal.getsignal(with_signal) is signal.SIG_IGN:
        pytest.skip("This process was started to ignore the signal, and its children do too.")
    with served(folder, port) as process:
        pids = told(port)
        assert stop(process, with_signal) == 0
    assert have_gone(pids)


def test_a_server_that_was_killed_is_started_again_and_leaves_no_worker(folder, port):
    with served(folder, port) as process:
        pids = told(port)
        os.kill(pids["server"], signal.SIGKILL)
        assert "ended by itself, with exit code -9. It is started again" in await_line(
            process, "ended"
        )
        assert "is ready" in await_line(process, "ready")
        assert have_gone(pids)
        assert told(port)["server"] != pids["server"]
        assert stop(process) == 0


def test_two_worker_deaths_in_a_row_do_not_end_the_server(folder, port):
    with served(folder, port) as process:
        for _ in range(2):
            worker = told_patiently(port)["worker"]
            os.kill(worker, signal.SIGKILL)
        assert told_patiently(port, unlike=worker)
        assert stop(process) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere no process is forked.")
def test_a_worker_that_takes_the_place_of_another_has_nothing_to_load(folder, port):
    with served(folder, port) as process:
        first = told(port)
        os.kill(first["worker"], signal.SIGKILL)
        second = told_patiently(port, unlike=first["worker"])
        assert second["loaded by"] == first["loaded by"] == first["server"]
        stop(process)


def test_a_signal_lets_the_server_finish_what_is_in_flight(folder, port):
    with served(folder, port) as process, ThreadPoolExecutor() as pool:
        answer = pool.submit(told, port, "/slow")
        time.sleep(0.5)
        assert stop(process) == 0
        assert answer.result()["worker"]


def test_two_first_starts_at_once_prepare_one_after_the_other(folder, port):
    with socket.socket() as any_free:
        any_free.bind(("127.0.0.1", 0))
        other_port = any_free.getsockname()[1]
    with served_twice(folder, port, other_port) as processes:
        assert told(port)
        assert told(other_port)
        for process in processes:
            process.terminate()
            process.wait(timeout=60)
    installs = [call for call in calls(folder) if call.startswith(("venv", "pip"))]
    assert len(installs) == 3


def test_folders_of_starts_that_were_killed_are_removed(folder, port, tmp_path_factory):
    temporary = tmp_path_factory.mktemp("temporary")
    dead, other = temporary / "signalcraft-metrics-999999999-x", temporary / "something else"
    for each in (dead, other):
        each.mkdir()
    with served(folder, port, ALLOWED_HOSTS="plant.example", TMPDIR=str(temporary)) as process:
        assert not dead.exists()
        stop(process)
    assert list(temporary.iterdir()) == [other]


def test_workers_count_in_a_folder_that_goes_with_the_server(folder, port):
    with served(folder, port) as process:
        counts = Path(told(port, "/counts"))
        assert counts.is_dir()
        stop(process)
    assert not counts.exists()


def test_workers_count_in_the_folder_that_was_named(folder, port):
    (folder / ".env").write_text(
        "SECRET_KEY=x\nALLOWED_HOSTS=plant.example\nPROMETHEUS_MULTIPROC_DIR=counts\n"
    )
    with served(folder, port, TIME_ZONE="UTC") as process:
        assert told(port, "/counts") == "counts"
        stop(process)


@pytest.mark.parametrize(
    ("line", "expected"),
    [("", "plant/logs/signalcraft.log"), ("LOG_FILE=", ""), ("LOG_FILE=a", "a")],
)
def test_the_log_goes_below_the_media_or_where_the_operator_says(folder, port, line, expected):
    lines = ["SECRET_KEY=x", "ALLOWED_HOSTS=plant.example", "MEDIA_ROOT=plant", line, ""]
    (folder / ".env").write_text("\n".join(lines))
    with served(folder, port, TIME_ZONE="UTC") as process:
        assert told(port, "/log").removeprefix(f"{folder}/") == expected
        stop(process)


@pytest.mark.parametrize(
    ("line", "expected"), [("", "WARNING"), ("LOG_CONSOLE_LEVEL=INFO", "INFO"), ("LOG_FILE=", "")]
)
def test_requests_are_not_shown_where_a_file_keeps_them(folder, port, line, expected):
    lines = ["SECRET_KEY=x", "ALLOWED_HOSTS=plant.example", line, ""]
    (folder / ".env").write_text("\n".join(lines))
    with served(folder, port, TIME_ZONE="UTC") as process:
        assert told(port, "/console") == expected
        stop(process)


def test_the_field_app_is_built_while_the_server_answers_and_that_is_known_from_the_start(
    folder, port
):
    with (folder / "signalcraft" / "web_build.py").open("a") as build:
        build.write("    import time\n    time.sleep(600)\n")
    with served(folder, port) as process:
        assert (folder / "web build began").exists()
        assert told(port)
        stop(process)
