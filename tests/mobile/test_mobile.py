"""The field app's own checks, with Node: types, style, tests, and builds for every platform.

Its client is written from the server's schema; one that lags behind is an error here.
"""

import re
import subprocess

import pytest
from django.core.management import call_command
from django.utils import translation

from accounts.roles import ROLES
from analysis.detectors.artifact import DETECTORS
from analysis.detectors.compatibility import check_length
from analysis.detectors.legacy import LEGACY_DETECTORS
from analysis.errors import RecordingTooShort
from analysis.sound.audio import decode
from signalcraft import web_build
from signalcraft.web_build import MOBILE
from tests.mobile.app_build import build_app, install_app
from tests.support.recordings import machine, wav


@pytest.fixture(scope="module", autouse=True)
def installed():
    """What the lock names, and nothing else."""
    install_app()


def npm(*arguments: str) -> None:
    """Run a tool of the app; when it fails, say what it said."""
    web_build.disable_network()
    command = [str(web_build.find_npm()), *arguments]
    done = subprocess.run(command, cwd=MOBILE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_client_is_the_schema_of_this_server(tmp_path):
    # Whatever language a request before asked for.
    with translation.override("en"):
        call_command("spectacular", file=str(tmp_path / "openapi.yaml"))
    generated = tmp_path / "schema.d.ts"
    npm("exec", "openapi-typescript", "--", str(tmp_path / "openapi.yaml"), "-o", str(generated))
    written = (MOBILE / "src" / "services" / "schema.d.ts").read_text()
    assert generated.read_text() == written, (
        "The API has changed. In mobile/: "
        "python ../manage.py spectacular --file openapi.yaml && npm run types"
    )


METHODS = [name.split("_", 1)[1] for name in DETECTORS | LEGACY_DETECTORS]


@pytest.mark.parametrize("word", list(ROLES) + METHODS)
def test_roles_and_methods_of_this_server_have_words(word):
    # Korean is typed from English: what is there is in both.
    english = (MOBILE / "src" / "i18n" / "en.ts").read_text()
    assert re.search(rf'^    "?{word}"?: "', english, re.MULTILINE)


def test_the_app_finds_the_seconds_in_the_sentences_of_this_server():
    problems = (MOBILE / "src" / "services" / "server" / "problem.ts").read_text()
    (pattern,) = re.findall(r"NEEDED_SECONDS = /(.*)/;", problems)
    needed = re.compile(pattern)
    with pytest.raises(RecordingTooShort) as for_the_model:
        check_length(2.0, clip_seconds=5.0)
    with pytest.raises(RecordingTooShort) as for_any_model:
        decode(wav(machine(16_000, 0.4)))
    told = [needed.search(str(refusal.value))[1] for refusal in (for_the_model, for_any_model)]
    assert told == ["2.5", "1.0"]


def test_types():
    npm("run", "tsc")


def test_style():
    npm("run", "lint")


def test_on_both_phones():
    npm("test")


def test_the_browser_gets_a_build():
    build_app()
    assert (web_build.WEB / "index.html").exists()
    assert web_build.read_state() == web_build.State.READY


MAX_FIRST_LOAD_BYTES = 330_000
COMPRESS = r"""
const { readFileSync, readdirSync, statSync } = require("fs");
const { brotliCompressSync } = require("zlib");
const isSent = (path) => statSync(path).isFile() && !/\.(br|gz)$/.test(path);
const paths = readdirSync(".", { recursive: true }).filter(isSent);
console.log(paths.reduce((sum, path) => sum + brotliCompressSync(readFileSync(path)).length, 0));
"""


def test_whatever_a_browser_loads_of_the_build_is_small():
    build_app()
    compress = ["node", "--eval", COMPRESS]
    done = subprocess.run(compress, cwd=web_build.WEB, capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) <= MAX_FIRST_LOAD_BYTES


def test_phones_get_a_build(tmp_path):
    platforms = ("--platform", "ios", "--platform", "android")
    npm("run", "export", "--", *platforms, "--output-dir", str(tmp_path / "phones"))
    code = tmp_path / "phones" / "_expo" / "static" / "js"
    assert [len(list((code / each).glob("*.hbc"))) for each in ("ios", "android")] == [1, 1]


def test_the_lock_names_no_registry():
    lock = (MOBILE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
