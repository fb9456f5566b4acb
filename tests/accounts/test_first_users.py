"""The first users: made once, able to sign in, with passwords that nobody can guess."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


def first_users(**options):
    printed = StringIO()
    call_command("create_first_users", stdout=printed, **options)
    return dict(re.findall(r"(\S+@example\.com), password (\S+)", printed.getvalue()))


def test_the_printed_password_signs_the_admin_in():
    (credentials,) = first_users().items()
    email, password = credentials
    assert authenticate(username=email, password=password).is_superuser


def test_the_field_engineer_may_analyse_and_not_curate():
    passwords = first_users(field_engineer=True)
    engineer = authenticate(
        username="engineer@example.com", password=passwords["engineer@example.com"]
    )
    assert engineer.has_perm("analysis.add_analysis")
    assert not engineer.has_perm("registry.curate_registeredmodel")
    assert not engineer.is_staff


def test_where_somebody_is_already_nobody_is_added():
    User.objects.create_user(username="kim", email="kim@plant.example")
    assert first_users(field_engineer=True) == {}
    assert User.objects.count() == 1


def test_no_two_plants_get_the_same_password():
    passwords = first_users()
    User.objects.all().delete()
    assert first_users() != passwords
