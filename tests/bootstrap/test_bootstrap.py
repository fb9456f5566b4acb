"""bootstrap.py from outside: a real process and web server; all other tools are stand-ins."""

import ast
import os
import socket
import stat
import subprocess
import sys

import pytest

from tests.bootstrap.stand_in_clone import (
    await_line,
    calls,
    command,
    rest_of,
    served,
    stop,
    told,
)
from tests.support.places import PROJECT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform == "win32", reason="the stand-in interpreter is a shell script"
    ),
]


def test_addresses_users_and_the_log_come_last(folder, port):
    with subprocess.Popen(**command(folder, "run", "--port", str(port))) as process:
        url = f"http://127.0.0.1:{port}"
        assert await_line(process, "ready") == f"SignalCraft is ready at {url} - Ctrl-C stops it.\n"
        assert await_line(process, "Field app").startswith(
            f"  Field app:    {url}/app/ (being built"
        )
        stop(process)
        assert rest_of(process).splitlines() == [
            f"  Admin:        {url}/admin/",
            f"  API:          {url}/api/docs",
            f"  Request log:  {folder}/media/logs/signalcraft.log",
            "  A new password: .venv/bin/python manage.py changepassword EMAIL",
            "Stopped.",
        ]


def test_the_end_of_the_first_build_of_the_app_is_told_last(folder, port):
    build_for(folder, seconds=3)
    with served(folder, port) as process:
        told = await_line(process, "The field app is ready")
        assert told == f"The field app is ready at http://127.0.0.1:{port}/app/\n"
        stop(process)
        assert rest_of(process) == "Stopped.\n"


def test_an_app_that_was_built_before_is_not_told_again(folder, port):
    build_for(folder, seconds=0)
    (folder / "app is built").touch()
    with subprocess.Popen(**command(folder, "run", "--port", str(port))) as process:
        assert await_line(process, "Field app").endswith("/app/ (ready)\n")
        stop(process)
        assert "The field app is ready" not in rest_of(process)


def build_for(folder, *, seconds):
    with (folder / "signalcraft" / "web_build.py").open("a") as build:
        build.write(
            f"    import time; time.sleep({seconds}); pathlib.Path('app is built').touch()\n"
        )


def test_passwords_of_new_users_are_shown_once_and_not_kept(folder, port):
    (folder / "media").mkdir()
    kept = folder / "media" / "first-passwords.txt"
    kept.write_text("Admin: a@b.example, password xyz (shown only once)\n")
    with served(folder, port) as process:
        assert "password xyz" in await_line(process, "Admin: a@b")
        assert not kept.exists()
        stop(process)


def test_first_run_installs_torch_first_and_prepares_in_order(folder, port):
    with served(folder, port) as process:
        stop(process)
    install = "pip install --no-input --disable-pip-version-check --no-compile"
    assert calls(folder) == [
        f"venv {folder / '.venv'}",
        f"{install} torch==9.9.9",
        f"{install} -r requirements.txt",
        "manage migrate --noinput",
        "manage collectstatic --noinput",
        f"manage make_demo --parallel --passwords_file {folder}/media/first-passwords.txt",
    ]


def test_second_run_installs_and_writes_nothing(folder, port):
    with served(folder, port) as process:
        stop(process)
    env_file = (folder / ".env").read_bytes()
    (folder / "calls.txt").unlink()
    with served(folder, port, "--no-demo") as process:
        stop(process)
    assert calls(folder) == [
        "manage migrate --noinput",
        "manage collectstatic --noinput",
        f"manage create_first_users --passwords_file {folder}/media/first-passwords.txt",
    ]
    assert (folder / ".env").read_bytes() == env_file


def test_changed_requirements_are_installed_again(folder, port):
    with served(folder, port) as process:
        stop(process)
    (folder / "requirements.txt").write_text("django==10.0\n")
    with served(folder, port) as process:
        stop(process)
    assert sum("pip install" in call for call in calls(folder)) == 3


def test_a_failed_install_says_why_and_is_done_again(folder, port):
    (folder / "pip fails").touch()
    failed = subprocess.run(**command(folder, "run", "--port", str(port)), timeout=90)
    assert failed.returncode == 1
    assert "this is pip" in failed.stdout
    assert not (folder / ".env").exists()
    (folder / "pip fails").unlink()
    with served(folder, port) as process:
        stop(process)
    assert "manage migrate --noinput" in calls(folder)


def test_a_failed_migration_keeps_the_server_down(folder, port):
    (folder / "manage fails").touch()
    failed = subprocess.run(**command(folder, "run", "--port", str(port)), timeout=90)
    assert failed.returncode == 1
    assert "this is manage" in failed.stdout


def test_env_file_is_private_and_holds_a_secret_key(folder, port):
    with served(folder, port) as process:
        stop(process)
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    (key,) = [
        line
        for line in (folder / ".env").read_text().splitlines()
        if line.startswith("SECRET_KEY=")
    ]
    assert len(key) > 60


def test_a_key_in_the_environment_needs_no_env_file(folder, port):
    with served(
        folder,
        port,
        SECRET_KEY="a key of the plant",
        MEDIA_ROOT="data",
        ALLOWED_HOSTS=".plant.example",
    ) as process:
        stop(process)
    assert not (folder / ".env").exists()
    assert (folder / "data").is_dir()


def test_an_env_file_without_a_key_is_left_as_it_is(folder, port):
    (folder / ".env").write_text("TIME_ZONE=Asia/Seoul\n")
    refused = subprocess.run(**command(folder, "run", "--port", str(port)), timeout=90)
    assert refused.returncode == 1
    assert "Your .env has no SECRET_KEY" in refused.stdout
    assert (folder / ".env").read_text() == "TIME_ZONE=Asia/Seoul\n"


def test_names_of_the_server_are_read_from_the_env_file(folder, port):
    (folder / ".env").write_text("SECRET_KEY=x\nALLOWED_HOSTS=plant.example,other.example\n")
    with served(folder, port, TIME_ZONE="UTC") as process:
        assert told(port)
        stop(process)


def test_a_busy_port_is_refused_before_anything_is_made(folder, port):
    with socket.create_server(("127.0.0.1", port)):
        refused = subprocess.run(**command(folder, "run", "--port", str(port)), timeout=90)
    assert refused.returncode == 1
    assert f"Cannot listen on 127.0.0.1 port {port}" in refused.stdout
    assert not (folder / "calls.txt").exists()


def run_as(folder, version, *, path=""):
    """Run it as if by another Python, which is not tested; path: where programs are looked for."""
    (folder / "other.py").write_text(
        f"import sys, bootstrap; sys.version_info = {version}\n"
        "bootstrap.prepare = bootstrap.serve = lambda *args, **options: 0\n"
        "sys.exit(bootstrap.main(['run', '--port', '1025']))\n"
    )
    return subprocess.run(
        [sys.executable, "other.py"],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_another_python_hands_over_to_the_tested_one(folder):
    (folder / "programs").mkdir()
    tested = folder / "programs" / "python3.11"
    write_program(tested, 'echo "the tested one: $@"')
    handed_over = run_as(folder, (3, 13, 1), path=str(tested.parent))
    assert handed_over.stdout.splitlines() == [
        f"This is Python 3.13.1; going on with {tested}.",
        "the tested one: other.py",
    ]


def write_program(path, line):
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_a_program_that_only_has_the_name_of_the_tested_python_is_passed_over(folder):
    write_program(folder / "shims" / "python3.11", "echo not found >&2; exit 127")
    write_program(folder / "programs" / "python3.11", 'echo "the tested one: $@"')
    path = f"{folder / 'shims'}:{folder / 'programs'}"
    assert "the tested one: other.py\n" in run_as(folder, (3, 12, 1), path=path).stdout


def run_as_old(folder, *, path):
    """Run it as if by a Python too old for what it imports."""
    (folder / "signalcraft" / "web_build.py").write_text("from enum import NoSuchEnum\n")
    code = (
        "import runpy, sys; sys.version_info = (3, 10, 2); sys.argv = ['bootstrap.py', 'run'];"
        "runpy.run_path('bootstrap.py', run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=90,
    )


def test_an_older_python_hands_over_before_it_reads_what_it_cannot(folder):
    write_program(folder / "programs" / "python3.11", 'echo "the tested one: $@"')
    handed_over = run_as_old(folder, path=str(folder / "programs"))
    assert "the tested one: bootstrap.py run\n" in handed_over.stdout


def test_an_older_python_alone_says_which_one_is_needed(folder):
    refused = run_as_old(folder, path="")
    assert refused.returncode == 1
    assert refused.stderr == (
        "SignalCraft needs Python 3.11, which is not here; this is 3.10.2. "
        "Install Python 3.11, then: python3.11 bootstrap.py run\n"
    )


@pytest.mark.parametrize("name", ["bootstrap.py", "signalcraft/launch/interpreter.py"])
def test_what_an_older_python_reads_has_its_grammar(name):
    ast.parse((PROJECT / name).read_text(), feature_version=(3, 8))


def test_a_newer_python_goes_on_where_there_is_torch_for_it(folder):
    went_on = run_as(folder, (3, 13, 1))
    assert went_on.returncode == 0
    assert "This is Python 3.13.1, on which SignalCraft was not tested." in went_on.stdout
    (asked,) = calls(folder)
    assert "--dry-run" in asked
    assert asked.endswith("torch==9.9.9")


@pytest.mark.parametrize(("version", "has_torch"), [((3, 12, 4), False), ((3, 14, 0), True)])
def test_another_python_is_refused_with_a_sentence(folder, version, has_torch):
    if not has_torch:
        (folder / "pip fails").touch()
    refused = run_as(folder, version)
    assert refused.returncode == 1
    assert f"this is {version[0]}.{version[1]}.{version[2]}" in refused.stderr
    assert ("finds no torch" in refused.stderr) is (version[1] == 12)
    assert "Install Python 3.11, then: python3.11 bootstrap.py run" in refused.stderr


CORES = min(os.cpu_count() or 1, 4)
FIRST_CHECKS = [
    "ruff format --check .",
    "ruff check .",
    "manage makemigrations --check --dry-run",
]


def test_every_check_runs_although_one_failed_and_which_is_told_last(folder):
    (folder / "ruff fails").touch()
    checked = subprocess.run(**command(folder, "test", "-k", "sound"), timeout=90)
    assert checked.returncode == 1
    assert "this is pytest\n" in checked.stdout
    assert checked.stdout.endswith("Failed: ruff format, ruff check.\n")
    *before, beside, last = calls(folder)[-5:]
    assert before == FIRST_CHECKS
    assert {beside, last} == {"mypy .", f"pytest --numprocesses={CORES + 1} -k sound"}


def test_what_failed_beside_pytest_is_shown_after_it(folder):
    (folder / "mypy fails").touch()
    checked = subprocess.run(**command(folder, "test"), timeout=90)
    assert "this is mypy" in checked.stdout.partition("this is pytest\n")[2]
    assert checked.stdout.endswith("Failed: mypy.\n")


def test_a_quick_run_leaves_out_what_is_slow_and_says_so_in_the_end(folder):
    checked = subprocess.run(**command(folder, "test", "--quick", "-k", "sound"), timeout=90)
    assert checked.returncode == 0
    quick = f"pytest --numprocesses={CORES} -m not slow --hypothesis-profile=quick -k sound"
    assert calls(folder)[-4:] == [*FIRST_CHECKS, quick]
    last_words = checked.stdout.partition("this is pytest\n")[2]
    assert "It left out the types (mypy), the tests in a browser" in last_words
    assert last_words.endswith(
        "`python bootstrap.py test` runs them too, in about a quarter of an hour.\n"
    )


def test_a_whole_run_leaves_nothing_out(folder):
    checked = subprocess.run(**command(folder, "test"), timeout=90)
    assert "left out" not in checked.stdout
    assert f"pytest --numprocesses={CORES + 1}" in calls(folder)


@pytest.mark.parametrize(("broken", "code"), [("nothing", 0), ("pytest", 1), ("mypy", 1)])
def test_exit_code_tells_whether_a_check_failed(folder, broken, code):
    (folder / f"{broken} fails").touch()
    assert subprocess.run(**command(folder, "test"), timeout=90).returncode == code
