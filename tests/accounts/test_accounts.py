"""Users sign in by e-mail, in whatever case; role groups say what they may do."""

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from accounts.granted_permissions import GRANTED_PERMISSIONS
from accounts.models import User
from accounts.roles import ROLES
from accounts.sign_in import GuardedBackend

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def sign_in_with(email, password=PASSWORD):
    return APIClient().post("/api/v1/auth/token", {"email": email, "password": password})


def permissions_of(role):
    group = Group.objects.get(name=role)
    return {
        f"{p.content_type.app_label}.{p.codename}"
        for p in group.permissions.select_related("content_type")
    }


# Users


def test_addresses_are_kept_in_small_letters():
    user = User.objects.create_user("kim", " Kim@Plant.Example ", PASSWORD)
    assert user.email == "kim@plant.example"


def test_database_refuses_an_address_that_differs_only_in_case(field_engineer):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="other", email=field_engineer.email.upper())


def test_the_command_makes_a_superuser_by_email():
    call_command(
        "createsuperuser",
        email="Boss@plant.example",
        username="boss",
        interactive=False,
        verbosity=0,
    )
    assert User.objects.get(email="boss@plant.example").is_superuser


# Roles


def test_every_role_holds_exactly_what_it_is_given():
    assert set(Group.objects.values_list("name", flat=True)) == {
        "field engineer",
        "engineer",
        "curator",
        "viewer",
    }
    for role, permissions in ROLES.items():
        assert permissions_of(role) == permissions


def test_the_roles_differ_where_they_should():
    may = {role: permissions_of(role) for role in ROLES}
    assert [role for role in may if "analysis.add_analysis" in may[role]] == [
        "field engineer",
        "engineer",
        "curator",
    ]
    assert [role for role in may if "registry.curate_registeredmodel" in may[role]] == ["curator"]
    assert [role for role in may if "analysis.change_device" in may[role]] == [
        "engineer",
        "curator",
    ]
    assert all("registry.view_registeredmodel" in permissions for permissions in may.values())
    assert all(name.split(".")[1].startswith("view_") for name in may["viewer"])


def test_migrating_again_keeps_what_a_plant_gave_a_role():
    group = Group.objects.get(name="viewer")
    extra = Group.objects.get(name="curator").permissions.get(codename="curate_registeredmodel")
    group.permissions.add(extra)
    Group.objects.filter(name="engineer").delete()
    call_command("migrate", verbosity=0)
    assert permissions_of("viewer") == ROLES["viewer"] | {"registry.curate_registeredmodel"}
    assert permissions_of("engineer") == ROLES["engineer"]


# Signing in


@pytest.mark.parametrize(
    "spelling",
    [
        "field.engineer@plant.example",
        "Field.Engineer@PLANT.example",
        " field.engineer@plant.example ",
    ],
)
def test_email_and_password_give_two_tokens(field_engineer, spelling):
    response = sign_in_with(spelling)
    assert (response.status_code, set(response.json())) == (200, {"access", "refresh"})


def test_a_password_is_taken_as_typed():
    User.objects.create_user("kim", "kim@plant.example", " spaces are letters ")
    assert sign_in_with("kim@plant.example", " spaces are letters ").status_code == 200
    assert sign_in_with("kim@plant.example", "spaces are letters").status_code == 401


@pytest.mark.parametrize(
    ("email", "password"),
    [("field.engineer@plant.example", "wrong"), ("nobody@plant.example", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_user_are_told_apart_by_nobody(
    field_engineer, email, password
):
    response = sign_in_with(email, password)
    assert response.status_code == 401
    assert response.json() == {
        "code": "authentication_failed",
        "detail": "E-mail or password is wrong.",
    }


def test_a_refresh_token_gives_a_new_access_token(field_engineer):
    refresh = sign_in_with(field_engineer.email).json()["refresh"]
    access = APIClient().post("/api/v1/auth/refresh", {"refresh": refresh}).json()["access"]
    response = APIClient().get("/api/v1/auth/me", headers={"Authorization": f"Bearer {access}"})
    assert response.status_code == 200


def test_an_inactive_user_is_out_at_once(api, field_engineer):
    refresh = sign_in_with(field_engineer.email).json()["refresh"]
    field_engineer.is_active = False
    field_engineer.save()
    answers = [
        api.get("/api/v1/auth/me"),
        sign_in_with(field_engineer.email),
        APIClient().post("/api/v1/auth/refresh", {"refresh": refresh}),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert all(set(answer.json()) == {"code", "detail"} for answer in answers)


def test_a_deleted_user_is_out_at_once(api, field_engineer):
    refresh = sign_in_with(field_engineer.email).json()["refresh"]
    field_engineer.delete()
    assert api.get("/api/v1/auth/me").status_code == 401
    assert APIClient().post("/api/v1/auth/refresh", {"refresh": refresh}).status_code == 401


def test_me_tells_what_the_app_needs(api, field_engineer):
    me = api.get("/api/v1/auth/me").json()
    assert me == {
        "email": "field.engineer@plant.example",
        "username": "field engineer",
        "name": "field engineer",
        "roles": ["field engineer"],
        "permissions": sorted(ROLES["field engineer"]),
    }


def test_a_superuser_has_the_permissions_of_our_apps_only(make_user, sign_in):
    me = sign_in(make_user(is_superuser=True)).get("/api/v1/auth/me").json()
    assert "registry.curate_registeredmodel" in me["permissions"]
    assert not [name for name in me["permissions"] if name.startswith("auth.")]


# Admin


def test_an_administrator_makes_a_curator(client, make_user):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    form = {"email": "New@Plant.example", "usable_password": "true"}
    response = client.post(
        "/admin/accounts/user/add/", form | {"password1": PASSWORD, "password2": PASSWORD}
    )
    user = User.objects.get(email="new@plant.example")
    assert response.url == f"/admin/accounts/user/{user.pk}/change/"
    assert "opens the door" in client.get(response.url).content.decode()


def test_an_address_that_was_another_ones_is_given_again(client, make_user):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    form = {
        "email": "shift.lead@plant.example",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    client.post("/admin/accounts/user/add/", form)
    first = User.objects.get(email=form["email"])
    first.email = "kim@plant.example"
    first.save()
    client.post("/admin/accounts/user/add/", form)
    page = f"/admin/accounts/user/{first.pk}/change/"
    assert User.objects.get(email=form["email"]).pk != first.pk
    assert "username" not in client.get(page).context["adminform"].form.fields


def test_admin_refuses_an_address_twice(client, make_user, field_engineer):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    form = {"email": field_engineer.email.upper(), "usable_password": "true"}
    response = client.post(
        "/admin/accounts/user/add/", form | {"password1": PASSWORD, "password2": PASSWORD}
    )
    assert "A user with this e-mail address exists." in response.content.decode()


def test_the_user_list_asks_a_constant_number_of_questions(
    client, make_user, django_assert_max_num_queries
):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    for number in range(20):
        make_user("viewer", username=f"viewer{number}")
    with django_assert_max_num_queries(8):
        assert client.get("/admin/accounts/user/").status_code == 200


def test_admin_leads_to_the_field_app(desk):
    assert '<a href="/app/">View site</a>' in desk.get("/admin/").content.decode()


def test_what_a_user_may_do_is_what_django_finds(make_user):
    def permission(codename):
        return Permission.objects.get(codename=codename)

    engineer = make_user("field engineer")
    engineer.user_permissions.add(permission("view_promotion"), permission("add_analysis"))
    make_user("curator", username="colleague").user_permissions.add(permission("delete_user"))
    for user in (
        engineer,
        make_user(username="nobody"),
        make_user("curator", username="gone", is_active=False),
    ):
        found = GuardedBackend().get_all_permissions(User.objects.get(pk=user.pk))
        assert found == ModelBackend().get_all_permissions(User.objects.get(pk=user.pk))
    assert "registry.view_promotion" in GuardedBackend().get_all_permissions(engineer)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="It reads SQLite's plan.")
def test_permissions_are_looked_for_by_index(make_user):
    engineer = make_user("field engineer")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {GRANTED_PERMISSIONS}", [engineer.pk, engineer.pk])
        plan = [row[3] for row in cursor.fetchall()]
    assert not [step for step in plan if step.startswith("SCAN ") and "content_type" not in step]


def test_permissions_are_one_query(make_user, django_assert_num_queries):
    engineer = User.objects.get(pk=make_user("field engineer").pk)
    with django_assert_num_queries(1):
        assert engineer.has_perm("analysis.add_analysis")
        assert not engineer.has_perm("accounts.delete_user")
