"""Fits level 2: the dense autoencoder of the DCASE 2020 baseline, or an interpolating one."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from analysis.detectors.autoencoder import (
    AutoencoderDetector,
    build_network_pairs,
    get_network_widths,
)
from analysis.detectors.score_distribution import Scores
from analysis.sound.features import Frames
from training.datasets.grouping import Grouping, select_validation_clips
from training.errors import InvalidOption, NotTrainable
from training.fitters.base import FileBytes, Fit, Fitter, median_by_clip
from training.fitters.clips import ClipFeatures, get_all_features, get_features
from training.watcher import Epoch

Batch = tuple[Tensor, Tensor]  # inputs (n, n_in) and targets (n, n_out)

# Half as wide as the baseline, and as good (docs/decisions/training-autoencoder-width.md).
HIDDEN_WIDTHS = (64, 64, 64, 64, 8, 64, 64, 64, 64)
# Training stops after so many epochs that do not lower the best validation loss by 1 %.
PATIENCE = 5
MIN_GAIN = 0.99
DIVERGED = "Training diverged: the loss is not finite. Try a lower --learning_rate."


class Autoencoder(nn.Module):
    """Dense layers, batch-normalised and rectified.

    input_scaling: mean and deviation of the normal frames, by which inputs are scaled.
    """

    input_scaling: Tensor

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.register_buffer("input_scaling", torch.tensor([0.0, 1.0]))
        widths = (n_in, *HIDDEN_WIDTHS)
        layers: list[nn.Module] = []
        for width, next_width in pairwise(widths):
            layers += [nn.Linear(width, next_width), nn.BatchNorm1d(next_width), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], n_out))

    def forward(self, scaled: Tensor) -> Tensor:
        """Map scaled inputs to scaled outputs: (n, n_in) -> (n, n_out)."""
        outputs: Tensor = self.layers(scaled)
        return outputs


class AutoencoderFitter(Fitter):
    """Fits an autoencoder; parameters: epochs, learning_rate, batch_size, objective.

    objective: reconstruction or interpolation.
    """

    detector_type = "level2_autoencoder"
    max_folds = 5

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.accelerator = resolve_accelerator(self.accelerator)
        self.interpolates = self.parameters["objective"] == "interpolation"
        # More threads were slower than one on networks of this size.
        torch.set_num_threads(1)

    def prepare(self, clips: Sequence[ClipFeatures], grouping: Grouping) -> None:
        """Choose the number of epochs by cross-validation."""
        best = [self.choose_epoch(clips, grouping, fold) for fold in range(grouping.n_folds)]
        self.n_epochs = round(float(np.median([epoch for epoch, _loss in best])))
        self.best_loss = float(np.mean([loss for _epoch, loss in best]))

    def choose_epoch(
        self, clips: Sequence[ClipFeatures], grouping: Grouping, fold: int
    ) -> tuple[int, float]:
        """Return the best epoch and its loss on some of the clips that the fold learns from."""
        indices = grouping.training_indices(fold)
        is_validation = select_validation_clips([grouping.groups[i] for i in indices])
        training_clips = [clips[i] for i in indices[~is_validation]]
        validation_clips = [clips[i] for i in indices[is_validation]]

        network = self.make_network(training_clips)
        validation = self.make_batch(network, get_all_features(validation_clips))
        phase = f"choosing epochs {fold + 1} of {grouping.n_folds}"
        best_epoch = 0
        best_loss = np.inf
        losses = self.train_epochs(network, training_clips, self.parameters["epochs"])
        for epoch, loss in enumerate(losses, start=1):
            validation_loss = self.compute_loss(network, validation)
            self.on_epoch(Epoch(phase, epoch, loss, validation_loss))
            if validation_loss < best_loss * MIN_GAIN:
                best_epoch = epoch
                best_loss = validation_loss
            if epoch - best_epoch >= PATIENCE:
                break

        if not np.isfinite(best_loss):
            raise NotTrainable(DIVERGED)
        return best_epoch, best_loss

    def fit(self, clips: Sequence[ClipFeatures], *, phase: str) -> Fit:
        """Train for the number of epochs that was chosen; the exchange form is the state_dict."""
        network = self.make_network(clips)
        loss = np.nan
        for epoch, loss in enumerate(self.train_epochs(network, clips, self.n_epochs), start=1):
            self.on_epoch(Epoch(phase, epoch, loss, None))

        scores = self.score(network, clips)
        detector = self.make_detector(network, shift_cost=self.compute_shift_cost(scores))
        return Fit(detector, scores, {"exchange": dump(network)}, final_loss=float(loss))

    def train_epochs(
        self, network: Autoencoder, clips: Sequence[ClipFeatures], n_epochs: int
    ) -> Iterator[float]:
        """Train, one epoch at each turn; yield the mean loss of the epoch."""
        inputs, targets = self.make_batch(network, get_all_features(clips))
        batch_size = min(self.parameters["batch_size"], len(inputs))
        optimizer = torch.optim.Adam(network.parameters(), lr=self.parameters["learning_rate"])
        generator = torch.Generator().manual_seed(self.seed)
        for _ in range(n_epochs):
            network.train()
            order = torch.randperm(len(inputs), generator=generator).to(inputs.device)
            # Leave out the last, smaller batch: its statistics would shake the normalisation.
            n_used = len(order) // batch_size * batch_size
            losses = []
            for batch in order[:n_used].split(batch_size):
                loss = nn.functional.mse_loss(network(inputs[batch]), targets[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
                self.on_step()

            mean_loss = float(torch.stack(losses).mean())
            if not np.isfinite(mean_loss):
                raise NotTrainable(DIVERGED)
            yield mean_loss

    def make_network(self, clips: Sequence[ClipFeatures]) -> Autoencoder:
        """Make a network with seeded weights that scales like these clips."""
        torch.manual_seed(self.seed)
        network = self.make_empty_network()
        frames = np.concatenate(get_all_features(clips))
        network.input_scaling.copy_(torch.tensor([frames.mean(), frames.std()]))
        return network.to(self.accelerator)

    def make_empty_network(self) -> Autoencoder:
        """Make a network of the right shape."""
        return Autoencoder(*get_network_widths(self.front_end.spec, self.interpolates))

    def make_batch(self, network: Autoencoder, windows: Iterable[Frames]) -> Batch:
        """Make inputs and targets from frames, through the same function as serving."""
        mean, deviation = network.input_scaling.tolist()
        pairs = [
            build_network_pairs(((frames - mean) / deviation).astype(np.float32), self.interpolates)
            for frames in windows
        ]
        inputs = self.make_tensor([pair[0] for pair in pairs])
        if not self.interpolates:
            return inputs, inputs
        return inputs, self.make_tensor([pair[1] for pair in pairs])

    def make_tensor(self, arrays: Sequence[npt.NDArray[Any]]) -> Tensor:
        """Put arrays one after another, on the accelerator."""
        return torch.from_numpy(np.concatenate(arrays)).to(self.accelerator)

    @torch.no_grad()
    def compute_loss(self, network: Autoencoder, batch: Batch) -> float:
        """Compute the mean squared error."""
        network.eval()
        inputs, targets = batch
        return float(nn.functional.mse_loss(network(inputs), targets))

    def score(self, network: Autoencoder, clips: Sequence[ClipFeatures]) -> Scores:
        """Score each clip with torch."""
        losses = []
        for clip in clips:
            for frames in get_features(clip.windows):
                losses.append(self.compute_loss(network, self.make_batch(network, [frames])))
            self.on_step()
        return median_by_clip(np.array(losses), clips)

    def make_detector(self, network: Autoencoder, *, shift_cost: float) -> AutoencoderDetector:
        """Make the same network for serving."""
        layers = list(network.cpu().eval().layers)
        weights, biases = zip(*fold_normalisation(layers), strict=True)
        network.to(self.accelerator)
        return AutoencoderDetector(
            spec=self.front_end.spec,
            domain_shifts=self.domain_shifts,
            shift_cost=shift_cost,
            shift_relief=self.shift_relief,
            input_scaling=network.input_scaling.cpu().numpy().copy(),
            weights=weights,
            biases=biases,
            interpolates=self.interpolates,
        )

    def reference_scores(
        self, exchange: Mapping[str, FileBytes], clips: Sequence[ClipFeatures]
    ) -> Scores:
        """Score with torch."""
        network = self.make_empty_network()
        network.load_state_dict(torch.load(io.BytesIO(exchange["exchange"]), weights_only=True))
        return self.score(network.to(self.accelerator), clips)


def resolve_accelerator(option: str) -> str:
    """Return cpu or cuda; auto takes what there is."""
    if option == "cuda" and not torch.cuda.is_available():
        raise InvalidOption("There is no CUDA accelerator here: use --accelerator cpu, or auto.")
    if option == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return option


def fold_normalisation(
    layers: Sequence[nn.Module],
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Yield weight (n_in, n_out) and bias of each dense layer, batch normalisation included."""
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        if not isinstance(layer, nn.Linear):
            continue
        fused = layer
        if isinstance(following, nn.BatchNorm1d):
            fused = fuse_linear_bn_eval(layer, following)
        weight = np.ascontiguousarray(fused.weight.detach().T.numpy())
        yield weight, fused.bias.detach().numpy().copy()


def dump(network: Autoencoder) -> FileBytes:
    """Write the exchange form: a state_dict that torch.load(weights_only=True) opens."""
    file = io.BytesIO()
    torch.save({name: value.cpu() for name, value in network.state_dict().items()}, file)
    return file.getvalue()
