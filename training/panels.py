"""What training draws on a model's page in admin: how the loss fell."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from registry.charts import Curve, line_chart
from registry.models import ModelVersion
from registry.panels import VERSION_PANELS, VersionPanel
from training.models import TrainingRun


def draw_losses(versions: Sequence[ModelVersion]) -> Mapping[int, SafeString]:
    """The loss of each epoch of the runs that made these versions; the final fit stands out from the folds."""
    runs = TrainingRun.objects.filter(version__in=[version.pk for version in versions])
    charts = {run.version_id: line_chart(_curves(run.epochs), "Loss by epoch") for run in runs}
    return {pk: chart or mark_safe("Learns in one pass, without epochs.") for pk, chart in charts.items()}


def _curves(epochs: Sequence[Mapping[str, Any]]) -> list[Curve]:
    losses: dict[str, list[float | None]] = {}
    for epoch in epochs:
        losses.setdefault(str(epoch["phase"]), []).append(epoch["loss"])
    return [Curve("final" if phase == "final" else "fold", values) for phase, values in losses.items()]


VERSION_PANELS.append(VersionPanel("loss by epoch", "registry.view_modelversion", draw_losses))
