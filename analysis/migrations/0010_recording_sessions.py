from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0009_fill_serving_sha256")]

    operations = [
        migrations.AlterField(
            model_name="calibrationrecord",
            name="n_groups",
            field=models.PositiveIntegerField(null=True, verbose_name="recording sessions"),
        ),
    ]
