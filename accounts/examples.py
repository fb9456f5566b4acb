"""Examples of signing in for the API documentation."""

from drf_spectacular.utils import OpenApiExample

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiNyJ9.c2lnbmF0dXJl"

SIGN_IN = OpenApiExample(
    "A field engineer",
    request_only=True,
    value={"email": "field.engineer@plant.example", "password": "correct horse battery"},
)
TOKENS = OpenApiExample("Signed in", response_only=True, value={"access": TOKEN, "refresh": TOKEN})
RENEWAL = OpenApiExample("An hour later", request_only=True, value={"refresh": TOKEN})
RENEWED = OpenApiExample("Signed in again", response_only=True, value={"access": TOKEN})
ME = OpenApiExample(
    "A field engineer",
    response_only=True,
    value={
        "email": "field.engineer@plant.example",
        "username": "kim",
        "name": "Kim Minji",
        "roles": ["field engineer"],
        "permissions": ["analysis.add_analysis", "analysis.view_analysis", "analysis.view_device"],
    },
)
