"""The encoder as a network that can be trained: six layers of attention (BERT, Devlin et al. 2019) and a small head.

It computes what sentence-transformers computes with the same weights, without the libraries around it: a short text
is not padded to more than its batch needs while training, and one module serves training and prediction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from feedback_triage.errors import ModelError

_NEVER = -1e9  # a likeness so small that nothing is taken from there


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network, from the `config.json` of its weights.

    Attributes:
        width: length of a token's vector.
        n_heads: attention heads.
        n_layers: layers.
        inner: width inside a feed-forward block.
        n_positions: the longest text in tokens.
        epsilon: added to a variance before its root.
    """

    width: int
    n_heads: int
    n_layers: int
    inner: int
    n_positions: int
    epsilon: float


class Layer(nn.Module):
    """One layer: attention over the tokens of a text, then a feed-forward block, each added to what came in."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.n_heads, self.dropout = shape.n_heads, dropout
        self.query_key_value = nn.Linear(shape.width, 3 * shape.width)
        self.output = nn.Linear(shape.width, shape.width)
        self.output_norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)
        self.down_norm = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """(n, length, width) to the same; `mask` (n, 1, 1, length) is True where there is a token."""
        n, length, width = tokens.shape
        split = self.query_key_value(tokens).view(n, length, 3, self.n_heads, width // self.n_heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        ratio = self.dropout if self.training else 0.0
        # Written out: for short texts torch's own fused attention takes four times as long to train.
        likeness = query @ key.transpose(-2, -1) / (width // self.n_heads) ** 0.5
        shares = functional.softmax(likeness.masked_fill(~mask, _NEVER), dim=-1)
        mixed = dropped(shares.to(value.dtype), ratio) @ value
        mixed = self.output(mixed.transpose(1, 2).reshape(n, length, width))
        tokens = self.output_norm(tokens + dropped(mixed, ratio))
        fed = self.down(functional.gelu(self.up(tokens)))
        normed: Tensor = self.down_norm(tokens + dropped(fed, ratio))
        return normed


def dropped(values: Tensor, ratio: float) -> Tensor:
    """Dropout (Srivastava et al. 2014) with one random byte a value, an eighth of the time that torch's own takes.

    Args:
        values: any shape.
        ratio: share that becomes 0, 0..1, to the nearest 256th; 0 changes nothing. The others grow in proportion.
    """
    limit = round(256 * ratio)
    if not limit:
        return values
    n_words = (values.numel() + 7) // 8
    drawn = torch.empty(n_words, dtype=torch.int64).random_(-(2**63), None).view(torch.uint8)
    kept = (drawn[: values.numel()] >= limit).view(values.shape)
    return values * kept * (256 / (256 - limit))


class Network(nn.Module):
    """Token ids to one score a class: embeddings, layers, the mean over the tokens, and a linear head.

    Args:
        shape: sizes of the layers.
        n_tokens: size of the vocabulary.
        n_classes: scores it gives.
        n_extra: numbers that stand beside the mean vector before the head, such as the look of a text.
        dropout: share of values that are dropped while training.
    """

    def __init__(self, shape: Shape, n_tokens: int, n_classes: int, n_extra: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.dropout = dropout
        self.words = nn.Embedding(n_tokens, shape.width)
        self.positions = nn.Embedding(shape.n_positions, shape.width)
        self.word_norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.n_layers))
        self.head = nn.Linear(shape.width + n_extra, n_classes)

    def forward(self, ids: Tensor, extra: Tensor) -> Tensor:
        """Scores (n, n_classes) for token ids (n, length), 0 for no token, and extra numbers (n, n_extra)."""
        return self.score(self.mean_vectors(ids), extra)

    def mean_vectors(self, ids: Tensor) -> Tensor:
        """Mean of the token vectors of each text, (n, width)."""
        is_token = ids != 0
        mask = is_token[:, None, None, :]
        tokens = self.word_norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        tokens = dropped(tokens, self.dropout if self.training else 0.0)
        for layer in self.layers:
            tokens = layer(tokens, mask)
        weights = is_token[:, :, None].to(tokens.dtype)
        means: Tensor = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1)
        return means

    def score(self, means: Tensor, extra: Tensor) -> Tensor:
        """Scores (n, n_classes) for mean vectors (n, width) and extra numbers (n, n_extra)."""
        beside = torch.cat([means, extra.to(means.dtype)], 1)
        scores: Tensor = self.head(dropped(beside, self.dropout if self.training else 0.0))
        return scores


def load_network(folder: Path, n_classes: int, n_extra: int, dropout: float = 0.1) -> Network:
    """The network with the weights of an encoder, and a head of zeros.

    Args:
        folder: of a sentence-transformers model of the BERT kind (`config.json`, `model.safetensors`).
        n_classes: see `Network`.
        n_extra: see `Network`.
        dropout: see `Network`.

    Raises:
        ModelError: there are no such weights.
    """
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        weights = load_file(folder / "model.safetensors")
        shape = Shape(
            width=config["hidden_size"],
            n_heads=config["num_attention_heads"],
            n_layers=config["num_hidden_layers"],
            inner=config["intermediate_size"],
            n_positions=config["max_position_embeddings"],
            epsilon=config["layer_norm_eps"],
        )
        with torch.device("meta"):  # nothing is drawn for weights that are about to be replaced
            network = Network(shape, config["vocab_size"], n_classes, n_extra, dropout)
        state = _encoder_state(weights, shape.n_layers)
        state["head.weight"] = torch.zeros(n_classes, shape.width + n_extra)
        state["head.bias"] = torch.zeros(n_classes)
        network.load_state_dict(state, assign=True)
    except (OSError, SafetensorError):
        raise ModelError(f"the weights of the encoder in {folder} cannot be read; reinstall it") from None
    except (ValueError, KeyError, RuntimeError):
        raise ModelError(f"the encoder in {folder} is not of the BERT kind, which a tuned classifier needs") from None
    return network.eval()


def _encoder_state(weights: Mapping[str, Tensor], n_layers: int) -> dict[str, Tensor]:
    first = "embeddings."
    # There is one segment a text: the vector of its kind is the same everywhere and joins the positions.
    positions = weights[f"{first}position_embeddings.weight"] + weights[f"{first}token_type_embeddings.weight"][0]
    state = {
        "words.weight": weights[f"{first}word_embeddings.weight"],
        "positions.weight": positions,
        "word_norm.weight": weights[f"{first}LayerNorm.weight"],
        "word_norm.bias": weights[f"{first}LayerNorm.bias"],
    }
    for index in range(n_layers):
        here = f"encoder.layer.{index}."
        for part in ("weight", "bias"):
            attention = [weights[f"{here}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            state[f"layers.{index}.query_key_value.{part}"] = torch.cat(attention)
            for ours, theirs in _NAMES.items():
                state[f"layers.{index}.{ours}.{part}"] = weights[f"{here}{theirs}.{part}"]
    return {name: value.float() for name, value in state.items()}


_NAMES = {
    "output": "attention.output.dense",
    "output_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "down_norm": "output.LayerNorm",
}


def load_tokenizer(folder: Path, max_tokens: int) -> Tokenizer:
    """The tokenizer of an encoder, cutting at `max_tokens` and padding nothing.

    Raises:
        ModelError: there is no `tokenizer.json`.
    """
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # noqa: BLE001 - the library raises nothing narrower
        raise ModelError(f"the tokenizer in {folder} cannot be read ({type(error).__name__}); reinstall it") from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def padded(token_ids: Sequence[Sequence[int]], length: int) -> Tensor:
    """Token ids as one tensor (n, length), filled up with 0."""
    rows = torch.zeros((len(token_ids), length), dtype=torch.int64)
    for row, ids in zip(rows, token_ids, strict=True):
        row[: len(ids)] = torch.tensor(ids, dtype=torch.int64)
    return rows
