from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce


def fill_serving_sha256(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Copy the digest of the serving file of its version into each older analysis."""
    using = schema_editor.connection.alias
    files: Any = apps.get_model("registry", "VersionFile")._base_manager.using(using)
    analyses: Any = apps.get_model("analysis", "Analysis")._base_manager.using(using)
    digest = files.filter(version=OuterRef("version"), role="serving").values("sha256")[:1]
    empty = analyses.filter(serving_sha256="")
    empty.update(serving_sha256=Coalesce(Subquery(digest), Value("")))


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0008_serving_sha256"),
        ("registry", "0001_registry"),
    ]

    # Backwards there is nothing to do: the column goes with the migration before.
    operations = [migrations.RunPython(fill_serving_sha256, migrations.RunPython.noop)]
