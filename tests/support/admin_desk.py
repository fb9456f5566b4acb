"""The registry's pages in admin, and people who sit at them."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages

MODELS = "/admin/registry/registeredmodel/"
VERSIONS = "/admin/registry/modelversion/"
LOG = "/admin/registry/promotion/"
PROPOSALS = "/admin/registry/proposal/"
MACHINE_TYPES = "/admin/registry/machinetype/"


@pytest.fixture
def desk(client, curator):
    """A browser at which a curator sits."""
    client.force_login(curator)
    return client


@pytest.fixture
def visitor(client, make_user):
    """A browser of someone who may look and no more."""
    client.force_login(make_user("viewer", is_staff=True))
    return client


@pytest.fixture
def editor(client, make_user):
    """A browser of someone who may word models and not decide which version serves."""
    user = make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_registeredmodel"))
    client.force_login(user)
    return client


def choose_action(browser, url, action, *rows, **fields):
    """Choose rows in a list and an action."""
    return browser.post(
        url, {"action": action, "_selected_action": [str(row.pk) for row in rows]} | fields
    )


def confirm_action(browser, url, action, *rows, why="tested"):
    """Choose rows and an action, look at what would change, give a reason, and say yes."""
    asked = choose_action(browser, url, action, *rows)
    shown = get_shown_digest(asked)
    return (
        choose_action(browser, url, action, *rows, confirmed="yes", why=why, shown=shown)
        if shown
        else asked
    )


def get_shown_digest(response):
    """Read the digest of what a confirmation page showed; None where it asked for none."""
    found = re.search(r'name="shown" value="(\w+)"', response.content.decode())
    return found and found[1]


def list_messages(response):
    return [(message.level_tag, str(message)) for message in get_messages(response.wsgi_request)]


def get_page(browser, url):
    response = browser.get(url)
    assert response.status_code == 200
    return response.content.decode()
