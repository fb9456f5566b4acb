from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHUNK = 500


def fill_sequence_number(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Number older analyses in the order of their times, the best that is known of them."""
    model: Any = apps.get_model("analysis", "Analysis")
    analyses = model._base_manager.using(schema_editor.connection.alias)
    keys = list(analyses.order_by("created_at", "id").values_list("pk", flat=True))
    for first in range(0, len(keys), CHUNK):
        rows = [
            model(pk=key, sequence_number=number)
            for number, key in enumerate(keys[first : first + CHUNK], first + 1)
        ]
        analyses.bulk_update(rows, ["sequence_number"])


class Migration(migrations.Migration):
    dependencies = [("analysis", "0014_sequence_number")]

    # Backwards there is nothing to do: the column goes with the migration before.
    operations = [migrations.RunPython(fill_sequence_number, migrations.RunPython.noop)]
