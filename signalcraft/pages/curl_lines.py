"""One line of curl for each operation that the API's pages show."""

import json
import re
import shlex
from typing import Any

HOST = "http://127.0.0.1:8000"
SIGN_IN = f"""\
Sign in once, and send the token with every request:

```
TOKEN=$(curl -s {HOST}/api/v1/auth/token -H "Content-Type: application/json" \\
    -d '{{"email": "EMAIL", "password": "PASSWORD"}}' \\
    | python3 -c "import json, sys; print(json.load(sys.stdin)['access'])")
```

To try operations on this page, press *Authorize* and paste the access token there."""

Operation = dict[str, Any]


def add_curl_lines(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """End the description of each operation with its line, made of its first example."""
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            line = write_curl_line(method, path, operation)
            operation["description"] = f"{operation['description']}\n\n```\n{line}\n```"
    return result


def write_curl_line(method: str, path: str, operation: Operation) -> str:
    """Return a line for a shell, in which what the path needs and the token are variables."""
    data = write_data(operation)
    is_implied = method == "get" or (method == "post" and data)
    words = ["curl -s", "" if is_implied else f"-X {method.upper()}", write_address(path)]
    if {} not in operation.get("security", [{}]):
        words.append('-H "Authorization: Bearer $TOKEN"')
    return " ".join(word for word in (*words, *data) if word)


def write_address(path: str) -> str:
    """Return the address, in which `{device_id}` is the variable DEVICE_ID."""
    return HOST + re.sub(r"{(\w+)}", lambda match: f"${match[1].upper()}", path)


def write_data(operation: Operation) -> list[str]:
    """Return the options that send the first example of the body."""
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        for example in body.get("examples", {}).values():
            value = example["value"]
            if kind == "application/json":
                text = shlex.quote(json.dumps(value, ensure_ascii=False))
                return ['-H "Content-Type: application/json"', f"-d {text}"]
            is_form = kind == "multipart/form-data"
            return [write_field(name, each, is_form) for name, each in list_fields(value)]
    return []


def list_fields(value: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the fields of a form; one that has several values stands there as often."""
    return [
        (name, each)
        for name, values in value.items()
        for each in (values if isinstance(values, list) else [values])
    ]


def write_field(name: str, value: Any, is_form: bool) -> str:
    """Return the option of one field; a file is one of the folder in which curl runs."""
    if not is_form:
        return "--data-urlencode " + shlex.quote(f"{name}={value}")
    is_file = name in ("file", "files")
    return "-F " + shlex.quote(f"{name}={'@' if is_file else ''}{value}")
