"""Processes that promote at once, each run as `python -m tests.support.promoting STEP ...`."""

import json
import random
import sys

from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from accounts.models import User
from registry.errors import NothingToRollBackTo
from registry.models import ModelVersion, NewModel, NewVersion, Promotion, RegisteredModel
from registry.storage import StoredFile

MODELS = 4
VERSIONS = 3


def prepare():
    """Make the tables, and a few models that compete for one default."""
    call_command("migrate", verbosity=0)
    User.objects.create_user("curator", "curator@plant.example")
    for model in range(MODELS):
        for version in range(VERSIONS):
            files = [StoredFile("serving", "m.npz", f"{model}/{version}.npz", "0" * 64, 1)]
            new = NewVersion(files=files, dataset_path="", dataset_fingerprint="", sample_count=1)
            about = NewModel(id=f"pump_{model}", type="level1_x", machine_type="pump")
            RegisteredModel.objects.publish(about, new, serve=True, by=None)


def promote(count, seed):
    """Promote so often, whatever the others do; tell which rows of the log were written."""
    chance = random.Random(int(seed))
    by = User.objects.get()
    written = []
    while len(written) < int(count):
        # As a page would hold them: what others did since, the verb has to see by itself.
        model = RegisteredModel.objects.get(pk=f"pump_{chance.randrange(MODELS)}")
        version = chance.choice(ModelVersion.objects.filter(registered_model=model))
        verb, about = chance.choice([("make_default", []), ("serve", [version]), ("roll_back", [])])
        try:
            promotion = getattr(model, verb)(*about, by=by, why=seed)
        except NothingToRollBackTo:
            continue
        written += [promotion.pk] if promotion else []
    return written


def forge():
    """Try what the database has to refuse; tell what it took."""
    taken = []
    statements = ["UPDATE registry_promotion SET why = ''", "DELETE FROM registry_promotion"]
    statements += ["TRUNCATE registry_promotion"] if connection.vendor == "postgresql" else []
    for statement in statements:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            taken.append(statement)
        except DatabaseError:
            continue
    return taken


def defaults():
    """How many defaults there are."""
    return RegisteredModel.objects.defaults().count()


def watch():
    """Count the defaults until stdin is closed; print how often, and the most there were."""
    import threading

    is_over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), is_over.set()), daemon=True).start()
    looks = 0
    most = 0
    while not is_over.is_set():
        looks += 1
        most = max(most, defaults())
    return {"looks": looks, "most": most}


def replay():
    """Follow the log from the beginning; print where a row does not lead to the next, or to now."""
    serving = {}
    default = None
    gaps = []
    for row in Promotion.objects.order_by("pk"):
        if row.kind in ("serve", "roll_back"):
            gaps += [row.pk] if serving.get(row.model_id) != row.from_version_id else []
            serving[row.model_id] = row.to_version_id
        if row.kind == "clear_default":
            gaps += [row.pk] if default != row.model_id else []
            default = None
        if row.kind == "make_default":
            gaps += [row.pk] if default is not None else []
            default = row.model_id
    now = dict(RegisteredModel.objects.values_list("pk", "serving_version"))
    current = RegisteredModel.objects.defaults().values_list("pk", flat=True).first()
    return {
        "gaps": gaps,
        "leads_to_now": (serving, default) == (now, current),
        "rows": Promotion.objects.count(),
    }


if __name__ == "__main__":
    step, *arguments = sys.argv[1:]
    steps = {step.__name__: step for step in (prepare, promote, forge, watch, replay)}
    sys.stdout.write(json.dumps(steps[step](*arguments)))
