"""A tuned encoder as a classifier: the offline encoder with small changes to its weights, and a calibrated head.

What is stored is the difference to the encoder that is installed anyway, one byte a weight with a scale for each row
(the differences are small, so rounding them costs nothing that can be measured). As in `embed`, every batch has one of
a few fixed shapes, so a text's probabilities are the same bits in any company, order and number of threads on one kind
of processor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save
from torch import Tensor

from feedback_triage.batching import Batch, batches_by_length, encodable, filled, over_cores
from feedback_triage.errors import ModelError
from feedback_triage.label.network import Network, load_network, load_tokenizer, padded
from feedback_triage.label.spoken import spoken
from feedback_triage.label.surface import N_SURFACE_FEATURES, surface_features

MAX_TOKENS = 128

_LONGEST_CHARACTERS = 4_000  # far beyond what 128 tokens hold


@dataclass(frozen=True)
class TunedModel:
    """A network with its tokenizer, which gives calibrated probabilities.

    Attributes:
        classes_: what it tells apart, in the order of the probabilities.
        network: in evaluation mode.
        tokenizer: cuts a text into at most `MAX_TOKENS` tokens.
        temperature: scores are divided by it before they become probabilities (Guo et al. 2017), above 0.
        changes: what differs from the encoder, as `packed` gives it; it is what a file holds.
    """

    classes_: tuple[str, ...]
    network: Network
    tokenizer: Any
    temperature: float
    changes: Mapping[str, NDArray[Any]]
    needs_vectors = False

    def predict_proba(
        self,
        texts: Sequence[str],
        vectors: NDArray[np.float32] | None = None,  # noqa: ARG002 - as every label model
    ) -> NDArray[np.float64]:
        """Probability of each of `classes_`, (n_texts, n_classes); a row sums to 1. Vectors are not looked at."""
        return as_probabilities(self.scores(texts), self.temperature)

    def scores(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """What the head gives, (n_texts, n_classes), before calibration."""
        found = np.zeros((len(texts), len(self.classes_)))
        cut = [spoken(encodable(text, _LONGEST_CHARACTERS)) for text in texts]
        token_ids = [encoding.ids for encoding in self.tokenizer.encode_batch(cut)]
        extra = torch.from_numpy(surface_features(texts))

        def forward(batch: Batch) -> NDArray[np.float64]:
            rows, length = batch
            full = filled(rows)
            with torch.inference_mode():
                given = self.network(padded([token_ids[row] for row in full], length), extra[full])
            scores: NDArray[np.float64] = given[: len(rows)].double().numpy()
            return scores

        for rows, given in over_cores(forward, batches_by_length([len(ids) for ids in token_ids])):
            found[rows] = given
        return found


def as_probabilities(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Softmax of scores (n, n_classes) over a temperature."""
    scaled = scores / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True)) if len(scaled) else scaled
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def packed(before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """The changes from one state of a network to another, small enough for a repository.

    Args:
        before: `state_dict` of the untouched encoder.
        after: `state_dict` of the tuned network.

    Returns:
        For a matrix the changed rows (`<name>/rows`), the difference in steps of -127 to 127 (`<name>/steps`) and
        the size of a step in each row (`<name>/size`); for anything else that changed, and the head, the values
        (`<name>/values`).
    """
    changes: dict[str, NDArray[Any]] = {}
    for name, value in after.items():
        difference = (value - before[name]).float()
        if not difference.any():
            continue
        if value.ndim != 2 or name.startswith("head."):
            changes[f"{name}/values"] = value.float().numpy().copy()
            continue
        rows = difference.abs().amax(dim=1).nonzero().flatten()
        size = difference[rows].abs().amax(dim=1) / 127
        changes[f"{name}/rows"] = rows.to(torch.int32).numpy()
        changes[f"{name}/size"] = size.numpy()
        changes[f"{name}/steps"] = (difference[rows] / size[:, None]).round().to(torch.int8).numpy()
    return changes


def apply_changes(network: Network, changes: Mapping[str, NDArray[Any]]) -> None:
    """Change a fresh network in place by what `packed` gave.

    Raises:
        ModelError: the changes belong to another kind of encoder, or are damaged.
    """
    state = network.state_dict()
    try:
        with torch.no_grad():
            for key, value in changes.items():
                name, _, kind = key.rpartition("/")
                if kind == "values":
                    state[name].copy_(torch.tensor(value))
                elif kind == "steps":
                    rows = torch.tensor(changes[f"{name}/rows"], dtype=torch.int64)
                    size = torch.tensor(changes[f"{name}/size"])
                    state[name][rows] += torch.tensor(value).float() * size[:, None]
    except (KeyError, IndexError, RuntimeError):
        raise ModelError("the classifier does not fit the encoder; train one with: feedback-triage train") from None


def dump_tuned(model: TunedModel) -> bytes:
    """The file of a model; the same model gives the same bytes."""
    return save({**model.changes, "temperature": np.array([model.temperature])})


def load_tuned(content: bytes, encoder_folder: Path, classes: Sequence[str]) -> TunedModel:
    """A model from its file and the encoder it was tuned from.

    Args:
        content: as `dump_tuned` gave it.
        encoder_folder: the encoder; see `load_network`.
        classes: what it tells apart, in the order it was trained with.

    Raises:
        ModelError: the file is damaged or does not fit the encoder.
    """
    try:
        changes = load(content)
        temperature = float(changes.pop("temperature")[0])
    except (SafetensorError, KeyError, IndexError):
        raise ModelError("the classifier is damaged; run: make train") from None
    network = load_network(encoder_folder, len(classes), N_SURFACE_FEATURES)
    apply_changes(network, changes)
    return TunedModel(tuple(classes), network.eval(), load_tokenizer(encoder_folder, MAX_TOKENS), temperature, changes)
