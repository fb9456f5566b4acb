from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analysis", "0013_bounded_device_settings"),
        ("registry", "0005_approvers_reason"),
    ]

    operations = [
        migrations.AddField(
            model_name="analysis",
            name="sequence_number",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
    ]
