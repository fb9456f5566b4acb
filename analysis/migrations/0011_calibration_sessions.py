from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0010_recording_sessions")]

    operations = [
        migrations.AddField(
            model_name="calibrationrecord",
            name="sessions",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="analysis",
            name="calibration_n_groups",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
