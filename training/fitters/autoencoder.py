"""Fits level 2: the dense autoencoder of the DCASE 2020 baseline on stacked log-mel frames, or an interpolating one"""

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
from analysis.detectors.calibration import Scores
from analysis.sound.features import Frames
from training.datasets.grouping import Grouping, select_validation_clips
from training.errors import InvalidOption, NotTrainable
from training.fitters.base import FileBytes, Fit, Fitter, all_window_features, median_by_clip
from training.fitters.clips import ClipFeatures
from training.watcher import Epoch

# Half as wide as the baseline: as good on five machines, in half the time.
HIDDEN_WIDTHS = (64, 64, 64, 64, 8, 64, 64, 64, 64)
# Epochs without a validation loss better by a hundredth before training stops.
PATIENCE = 5
MIN_GAIN = 0.99


class Autoencoder(nn.Module):
    """Scales by the mean and deviation of the normal frames, then dense layers, batch-normalised and rectified."""

    input_scaling: Tensor

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.register_buffer("input_scaling", torch.tensor([0.0, 1.0]))
        widths = (n_in, *HIDDEN_WIDTHS)
        hidden = [
            layer
            for a, b in pairwise(widths)
            for layer in (nn.Linear(a, b), nn.BatchNorm1d(b), nn.ReLU())
        ]
        self.layers = nn.Sequential(*hidden, nn.Linear(widths[-1], n_out))

    def forward(self, scaled: Tensor) -> Tensor:
        """Scaled inputs to scaled outputs: (n, n_in) -> (n, n_out)."""
        return self.layers(scaled)


class AutoencoderFitter(Fitter):
    """parameters: epochs, learning_rate, batch_size, objective (reconstruction or interpolation)."""

    detector_type = "level2_autoencoder"
    max_folds = 5

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.accelerator = choose_accelerator(self.accelerator)
        self.interpolates = self.parameters["objective"] == "interpolation"
        # More threads were slower than one on networks of this size.
        torch.set_num_threads(1)

    def prepare(self, clips: Sequence[ClipFeatures], grouping: Grouping) -> None:
        """Choose the number of epochs; some of what each fold learns from is held out once more for that."""
        best = [self.choose_epoch(clips, grouping, fold) for fold in range(grouping.n_folds)]
        self.n_epochs = round(float(np.median([epoch for epoch, _ in best])))
        self.best_loss = float(np.mean([loss for _, loss in best]))

    def choose_epoch(
        self, clips: Sequence[ClipFeatures], grouping: Grouping, fold: int
    ) -> tuple[int, float]:
        """The epoch after which the held-out clips gain no more, and their loss then."""
        inside = grouping.training_indices(fold)
        held_out = select_validation_clips([grouping.groups[i] for i in inside])
        learning, validating = (
            [clips[i] for i in inside[~held_out]],
            [clips[i] for i in inside[held_out]],
        )
        network = self.new_network(learning)
        validation = self.batch_of(network, all_window_features(validating))
        best_epoch, best_loss = 0, np.inf
        for epoch, loss in enumerate(
            self.epochs_of(network, learning, self.parameters["epochs"]), start=1
        ):
            validation_loss = self.loss_of(network, validation)
            self.on_epoch(
                Epoch(
                    f"choosing epochs {fold + 1} of {grouping.n_folds}",
                    epoch,
                    loss,
                    validation_loss,
                )
            )
            if validation_loss < best_loss * MIN_GAIN:
                best_epoch, best_loss = epoch, validation_loss
            if epoch - best_epoch >= PATIENCE:
                break
        if not np.isfinite(best_loss):
            raise NotTrainable(
                "Training diverged: the loss is not finite. Try a lower --learning_rate."
            )
        return best_epoch, best_loss

    def fit(self, clips: Sequence[ClipFeatures], *, phase: str) -> Fit:
        """Train for the number of epochs that was chosen; the exchange form is the state_dict."""
        network = self.new_network(clips)
        loss = np.nan
        for epoch, loss in enumerate(self.epochs_of(network, clips, self.n_epochs), start=1):
            self.on_epoch(Epoch(phase, epoch, loss, None))
        scores = self.score(network, clips)
        return Fit(
            self.detector_of(network), scores, {"exchange": dump(network)}, final_loss=float(loss)
        )

    def epochs_of(
        self, network: Autoencoder, clips: Sequence[ClipFeatures], n_epochs: int
    ) -> Iterator[float]:
        """Train, one epoch at each turn; gives the mean loss of the epoch."""
        inputs, targets = self.batch_of(network, all_window_features(clips))
        batch_size = min(self.parameters["batch_size"], len(inputs))
        optimizer = torch.optim.Adam(network.parameters(), lr=self.parameters["learning_rate"])
        shuffle = torch.Generator().manual_seed(self.seed)
        for _ in range(n_epochs):
            network.train()
            order = torch.randperm(len(inputs), generator=shuffle).to(inputs.device)
            losses = []
            # The last, smaller batch is left out: its statistics would shake the batch normalisation.
            for batch in order[: len(order) // batch_size * batch_size].split(batch_size):
                loss = nn.functional.mse_loss(network(inputs[batch]), targets[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
                self.on_step()
            mean_loss = float(torch.stack(losses).mean())
            if not np.isfinite(mean_loss):
                raise NotTrainable(
                    "Training diverged: the loss is not finite. Try a lower --learning_rate."
                )
            yield mean_loss

    def new_network(self, clips: Sequence[ClipFeatures]) -> Autoencoder:
        """A network with seeded weights that knows the scale of these clips."""
        torch.manual_seed(self.seed)
        network = self.empty_network()
        frames = np.concatenate(list(all_window_features(clips)))
        network.input_scaling.copy_(torch.tensor([frames.mean(), frames.std()]))
        return network.to(self.accelerator)

    def empty_network(self) -> Autoencoder:
        """A network of the right shape."""
        return Autoencoder(*get_network_widths(self.front_end.spec, self.interpolates))

    def batch_of(self, network: Autoencoder, clips: Iterable[Frames]) -> tuple[Tensor, Tensor]:
        """Inputs and targets of every stretch of all these frames, through the same function as serving."""
        mean, deviation = network.input_scaling.tolist()
        pairs = [
            build_network_pairs(((frames - mean) / deviation).astype(np.float32), self.interpolates)
            for frames in clips
        ]
        inputs = torch.from_numpy(np.concatenate([pair[0] for pair in pairs])).to(self.accelerator)
        if not self.interpolates:
            return inputs, inputs
        return inputs, torch.from_numpy(np.concatenate([pair[1] for pair in pairs])).to(
            self.accelerator
        )

    @torch.no_grad()
    def loss_of(self, network: Autoencoder, batch: tuple[Tensor, Tensor]) -> float:
        """Mean squared error."""
        network.eval()
        inputs, targets = batch
        return float(nn.functional.mse_loss(network(inputs), targets))

    def score(self, network: Autoencoder, clips: Sequence[ClipFeatures]) -> Scores:
        """Anomaly score of each clip, by torch."""
        scores = []
        for clip in clips:
            scores += [
                self.loss_of(network, self.batch_of(network, [frames]))
                for frames in clip.descriptions
            ]
            self.on_step()
        return median_by_clip(np.array(scores), clips)

    def detector_of(self, network: Autoencoder) -> AutoencoderDetector:
        """The same network for serving."""
        layers = list(network.cpu().eval().layers)
        weights, biases = zip(*fold_normalisation(layers), strict=True)
        network.to(self.accelerator)
        return AutoencoderDetector(
            spec=self.front_end.spec,
            domain_shifts=self.channels,
            input_scaling=network.input_scaling.cpu().numpy().copy(),
            weights=weights,
            biases=biases,
            interpolates=self.interpolates,
        )

    def reference_scores(
        self, exchange: Mapping[str, FileBytes], clips: Sequence[ClipFeatures]
    ) -> Scores:
        """Score with torch."""
        network = self.empty_network()
        network.load_state_dict(torch.load(io.BytesIO(exchange["exchange"]), weights_only=True))
        return self.score(network.to(self.accelerator), clips)


def choose_accelerator(asked: str) -> str:
    """cpu or cuda; auto takes what there is."""
    if asked == "cuda" and not torch.cuda.is_available():
        raise InvalidOption("There is no CUDA accelerator here: use --accelerator cpu, or auto.")
    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return asked


def fold_normalisation(
    layers: Sequence[nn.Module],
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[Any]]]:
    """Weight (n_in, n_out) and bias of each dense layer, with the batch normalisation after it worked in."""
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        if not isinstance(layer, nn.Linear):
            continue
        fused = (
            fuse_linear_bn_eval(layer, following)
            if isinstance(following, nn.BatchNorm1d)
            else layer
        )
        yield (
            np.ascontiguousarray(fused.weight.detach().T.numpy()),
            fused.bias.detach().numpy().copy(),
        )


def dump(network: Autoencoder) -> FileBytes:
    """The exchange form: a state_dict that torch.load(weights_only=True) opens."""
    file = io.BytesIO()
    torch.save({name: value.cpu() for name, value in network.state_dict().items()}, file)
    return file.getvalue()
