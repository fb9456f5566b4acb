"""Every string that a stranger may send has a length, and what is longer is refused by name."""

import pytest
import yaml

# Files by the limit of uploads, the range by its own pattern.
BOUNDED_OTHERWISE = (".file", ".files[]", ": Range")
LONG = "a" * 50_000
BOUNDED = ("maxLength", "enum", "pattern")
BOUNDED_FORMATS = ("uuid", "date-time", "date", "binary")


@pytest.fixture
def schema(client):
    return yaml.safe_load(client.get("/api/schema").content)


def find_unbounded(part, schema, path):
    """Yield where a string has no end; references are followed."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        yield from find_unbounded(schema["components"]["schemas"][name], schema, f"{path} {name}")
        return
    if part.get("type") == "string":
        if not set(BOUNDED) & part.keys() and part.get("format") not in BOUNDED_FORMATS:
            yield path
        return
    for name, inner in part.get("properties", {}).items():
        if not inner.get("readOnly"):
            yield from find_unbounded(inner, schema, f"{path}.{name}")
    for key in ("allOf", "oneOf", "anyOf"):
        for inner in part.get(key, []):
            yield from find_unbounded(inner, schema, path)
    if "items" in part:
        yield from find_unbounded(part["items"], schema, f"{path}[]")


def test_every_string_of_a_request_has_a_length(schema):
    unbounded = []
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            for parameter in operation.get("parameters", []):
                if parameter["in"] != "path":  # an address has a length of its own
                    found = find_unbounded(parameter["schema"], schema, parameter["name"])
                    unbounded += [f"{where}: {name}" for name in found]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                found = find_unbounded(content["schema"], schema, "body")
                unbounded += [f"{where}: {name}" for name in found]
    assert [name for name in unbounded if not name.endswith(BOUNDED_OTHERWISE)] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/api/v1/auth/token", {"email": f"{LONG}@plant.example", "password": "x"}),
        ("/api/v1/auth/token", {"email": "a@plant.example", "password": LONG}),
        ("/api/v1/auth/refresh", {"refresh": LONG}),
    ],
)
def test_a_long_string_is_named(client, path, form):
    response = client.post(path, form, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "invalid")


@pytest.mark.django_db
def test_a_long_e_mail_is_no_mistake_of_the_admin(client):
    form = {"username": f"{LONG}@plant.example", "password": "x"}
    assert client.post("/admin/login/", form).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/admin/registry/registeredmodel/", "/admin/accounts/user/", "/api/v1/models"]
)
def test_a_long_address_is_refused(desk, path):
    response = desk.get(path, {"q": LONG})
    assert response.status_code == 400
    assert desk.get(path + LONG).status_code == 400
