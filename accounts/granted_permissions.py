"""The permissions of a user and of its groups, in one query by index."""

from django.db import connection

# SQL, as every request runs it: docs/decisions/accounts-permission-query.md.
GRANTED_PERMISSIONS = """
    SELECT content_type.app_label, permission.codename
    FROM auth_permission permission
    JOIN django_content_type content_type ON content_type.id = permission.content_type_id
    WHERE permission.id IN (
        SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = %s
        UNION
        SELECT group_permission.permission_id
        FROM accounts_user_groups membership
        JOIN auth_group_permissions group_permission USING (group_id)
        WHERE membership.user_id = %s
    )
"""


def find_granted_permissions(user_pk: int) -> set[str]:
    """Return the names of all permissions, such as "analysis.add_analysis"."""
    with connection.cursor() as cursor:
        cursor.execute(GRANTED_PERMISSIONS, [user_pk, user_pk])
        return {f"{app_label}.{codename}" for app_label, codename in cursor.fetchall()}
