"""/app/: the web build where there is one, and a sentence where there is none."""

import gzip
import os
import time

import pytest

from signalcraft import web_build
from signalcraft.web_build import State, Step
from tests.support.needs import need_node

# A response that is closed looks after the connections that tests before it left open.
pytestmark = pytest.mark.django_db


@pytest.fixture
def mobile(tmp_path, monkeypatch):
    """An app of one file, in a folder of its own."""
    folder = tmp_path / "mobile"
    (folder / "src").mkdir(parents=True)
    (folder / "package-lock.json").write_text("{}")
    (folder / "src" / "App.tsx").write_text("the app")
    monkeypatch.setattr(web_build, "MOBILE", folder)
    names = {
        "DIST": "dist",
        "WEB": "dist/web",
        "BUILT_FROM": "dist/web.sha256",
        "STATE": "dist/state",
        "STEP": "dist/step",
    }
    names |= {
        "LOG": "dist/build.log",
        "MODULES": "node_modules",
        "INSTALLED_FROM": "node_modules/installed.sha256",
    }
    for name, path in names.items():
        monkeypatch.setattr(web_build, name, folder / path)
    return folder


@pytest.fixture
def tools(mobile, monkeypatch):
    """Node and npm that write down how they were called; npm makes what it would make."""
    called: list[str] = []

    def step(name, *arguments):
        called.append(name)
        if name == "installing":
            (mobile / "node_modules").mkdir(exist_ok=True)
        else:
            folder = mobile / arguments[-1]
            folder.mkdir()
            (folder / "index.html").write_text("the page")

    monkeypatch.setattr(web_build, "has_node", lambda: True)
    monkeypatch.setattr(web_build, "run_npm", step)
    monkeypatch.setattr(web_build, "compress", lambda folder: None)
    return called


def fails(name, *_arguments):
    raise web_build.BuildFailed(f"{name} ended with 1.")


def told(client, language="en"):
    response = client.get("/app/", headers={"Accept-Language": language})
    assert response.status_code == 503
    return response.content.decode()


def test_a_build_is_served_and_made_once(client, mobile, tools):
    assert web_build.main() is None
    assert tools == ["installing", "exporting"]
    response = client.get("/app/")
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"the page")
    assert response["Cache-Control"] == "no-cache"
    assert web_build.main() is None
    assert tools == ["installing", "exporting"]


def test_the_address_without_a_slash_leads_there(client):
    assert client.get("/app").url == "/app/"


def test_every_page_has_the_icon_of_the_app(client):
    # Browsers ask for it wherever a page names none, as those of the admin do not.
    assert client.get("/favicon.ico").url == "/app/favicon.ico"


def test_files_that_carry_their_digest_are_kept_for_ever(client, mobile, tools):
    web_build.main()
    (mobile / "dist" / "web" / "_expo").mkdir()
    (mobile / "dist" / "web" / "_expo" / "index-0a1b.js").write_text("code")
    response = client.get("/app/_expo/index-0a1b.js")
    assert "immutable" in response["Cache-Control"]
    response.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("_expo/nothing.js", 404),
        ("assets/nothing.png", 404),
        ("", 200),
        ("../state", 400),
        ("%2e%2e/state", 400),
        ("_expo/../../state", 400),
    ],
)
def test_there_is_nothing_beside_the_build(client, mobile, tools, path, status):
    web_build.main()
    response = client.get(f"/app/{path}")
    assert response.status_code == status
    response.close()


@pytest.mark.parametrize(
    "path", ["history", "results/0b7e", "calibration/pump.7/forest", "no/such/screen", "x" * 300]
)
def test_every_other_address_shows_the_page(client, mobile, tools, path):
    web_build.main()
    response = client.get(f"/app/{path}")
    assert (response.status_code, b"".join(response.streaming_content)) == (200, b"the page")
    assert response["Cache-Control"] == "no-cache"


def test_changed_sources_are_built_anew_and_nothing_is_installed_for_them(mobile, tools):
    web_build.main()
    (mobile / "src" / "App.tsx").write_text("the app, mended")
    assert web_build.main() is None
    assert tools == ["installing", "exporting", "exporting"]


def test_line_ends_are_no_change(mobile, tools):
    (mobile / "src" / "App.tsx").write_bytes(b"one\ntwo\n")
    web_build.main()
    (mobile / "src" / "App.tsx").write_bytes(b"one\r\ntwo\r\n")
    assert web_build.is_current()


def test_the_build_before_is_served_until_the_next_is_whole(client, mobile, tools, monkeypatch):
    web_build.main()
    (mobile / "src" / "App.tsx").write_text("the app, broken")
    monkeypatch.setattr(web_build, "run_npm", fails)
    assert web_build.main() == "The field app could not be built: exporting ended with 1."
    response = client.get("/app/")
    assert response.status_code == 200
    response.close()


def test_a_build_that_goes_on_is_told_and_the_page_comes_again(client, mobile):
    (mobile / "dist").mkdir()
    (mobile / "dist" / "state").write_text(State.BUILDING)
    page = told(client)
    assert "is being built" in page
    assert 'http-equiv="refresh"' in page
    assert client.get("/app/")["Retry-After"] == "5"
    assert "빌드하는 중입니다" in told(client, "ko")


@pytest.mark.parametrize(
    ("step", "age_s", "english", "korean"),
    [
        (Step.INSTALLING, 0, "Step 1 of 2: installing", "2단계 중 1단계"),
        (Step.INSTALLING, 80, "for 1 min 20 s so far", "1분 20초 지남"),
        (Step.EXPORTING, 20, "for 20 s so far", "20초 지남"),
    ],
)
def test_a_build_says_which_step_runs_and_for_how_long(
    client, mobile, step, age_s, english, korean
):
    (mobile / "dist").mkdir()
    (mobile / "dist" / "state").write_text(State.BUILDING)
    (mobile / "dist" / "step").write_text(step)
    begun_at = time.time() - age_s
    os.utime(mobile / "dist" / "step", (begun_at, begun_at))
    assert english in told(client)
    assert korean in told(client, "ko")


@pytest.mark.parametrize("content", [None, "", "boiling"])
def test_a_step_that_nobody_knows_is_not_told(client, mobile, content):
    (mobile / "dist").mkdir()
    (mobile / "dist" / "state").write_text(State.BUILDING)
    if content is not None:
        (mobile / "dist" / "step").write_text(content)
    assert "is being built" in told(client)
    assert "Step" not in told(client)


def test_a_build_that_was_killed_is_not_told_of_for_ever(client, mobile):
    (mobile / "dist").mkdir()
    (mobile / "dist" / "state").write_text(State.BUILDING)
    an_hour_ago = time.time() - 3600
    os.utime(mobile / "dist" / "state", (an_hour_ago, an_hour_ago))
    assert "could not be built" in told(client)


def test_a_failed_build_says_where_to_look(client, mobile, tools, monkeypatch):
    monkeypatch.setattr(web_build, "run_npm", fails)
    web_build.main()
    assert "mobile/dist/build.log" in told(client)


def test_without_node_the_page_names_it(client, mobile, monkeypatch):
    monkeypatch.setattr(web_build, "has_node", lambda: False)
    assert web_build.main() is None
    assert "Node.js 20" in told(client)


def test_a_server_that_nobody_built_for_says_how(client, mobile):
    assert "python -m signalcraft.web_build" in told(client)


def test_every_state_has_its_sentence_in_both_languages(client, mobile, monkeypatch):
    for state in set(State) - {State.READY}:
        monkeypatch.setattr(web_build, "read_state", lambda state=state: state)
        assert told(client, "en") != told(client, "ko")


def test_a_step_that_fails_names_itself_and_leaves_its_words(mobile, monkeypatch):
    (mobile / "dist").mkdir()
    (mobile / "npm").write_text("#!/bin/sh\necho no such version\nexit 3\n")
    (mobile / "npm").chmod(0o755)
    monkeypatch.setattr(web_build, "find_npm", lambda: str(mobile / "npm"))
    with pytest.raises(web_build.BuildFailed, match="installing ended with 3"):
        web_build.run_npm(Step.INSTALLING, "ci")
    assert (mobile / "dist" / "build.log").read_text() == "no such version\n"
    assert web_build.read_progress().step == Step.INSTALLING


COMPRESS = web_build.compress


@pytest.fixture
def compressed_build(client, mobile, tools):
    """A build with one file of code, compressed as Node does it."""
    need_node()
    web_build.main()
    code = mobile / "dist" / "web" / "_expo" / "index-0a1b.js"
    code.parent.mkdir()
    code.write_text("let code = 1;\n" * 1000)
    COMPRESS(mobile / "dist" / "web")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_code_is_sent_as_small_as_the_browser_accepts(client, compressed_build, accepted, encoding):
    response = client.get("/app/_expo/index-0a1b.js", headers={"Accept-Encoding": accepted})
    content = b"".join(response.streaming_content)
    assert response.headers.get("Content-Encoding") == encoding
    assert response["Content-Type"].startswith("text/javascript")
    assert "Accept-Encoding" in response["Vary"]
    assert "immutable" in response["Cache-Control"]
    assert (len(content) < 1000) == (encoding is not None)
    if encoding == "gzip":
        assert gzip.decompress(content).startswith(b"let code")
