from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysis", "0007_newest_of_a_version")]

    operations = [
        migrations.AddField(
            model_name="analysis",
            name="serving_sha256",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
    ]
