"""Tune the encoder on gold items: the whole network learns the labels, gently, from varied texts.

Found by trial: all layers beat the upper ones, and varied texts and tuned word vectors add to it (each file of gold
items held out in turn, so that the judge is another style of writing). How long to train and how much of the change to
keep was chosen on real feedback labelled for that purpose, apart from what is reported on; see docs/decisions.md.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from feedback_triage.label import N_SURFACE_FEATURES, surface_features
from feedback_triage.label.network import Network, load_network, load_tokenizer, padded
from feedback_triage.label.spoken import spoken
from feedback_triage.label.tuned import MAX_TOKENS, TunedModel, apply_changes, packed
from feedback_triage.learning.variation import varied

Progress = Callable[[int], None]

_THREADS = 2  # sums depend on the number of threads, so it is fixed while training
_HEAD_SPREAD = 0.02
_MOST_TOKENS = 4_096  # in a batch: long texts come in smaller ones, or attention alone would take gigabytes


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is tuned.

    Attributes:
        epochs: times that each item is seen.
        batch: items in a step.
        layer_rate: learning rate of the top layer; each layer below has `decay` times that of the one above it.
        word_rate, head_rate: learning rates of the word vectors and of the head.
        decay: 0..1.
        weight_decay: of matrices in layers and head.
        dropout: 0..1.
        smoothing: share of a target that is spread over all classes, 0..1.
        contrast: weight of the contrastive loss, 0 for none.
        cross_entropy: weight of the loss of the head, 0 for none.
        varied_ratio: share of texts that are changed in an epoch, 0..1.
        balance: 0 weighs items alike, 1 weighs classes alike.
        runs: networks that are tuned with other draws and averaged weight by weight, which is as good as asking them
            all, at the price of one (model soup, Wortsman et al. 2022).
        kept: share of the encoder's change that is kept, 0..1; the head keeps all of its own. A step back towards
            the encoder is sturdier on texts of other kinds (robust fine-tuning, Wortsman et al. 2022).
        seed: of everything that is drawn.
    """

    epochs: int = 4
    batch: int = 64
    layer_rate: float = 3e-4
    word_rate: float = 7e-4
    head_rate: float = 1e-3
    decay: float = 0.9
    weight_decay: float = 0.01
    dropout: float = 0.1
    smoothing: float = 0.0
    contrast: float = 0.0
    cross_entropy: float = 1.0
    varied_ratio: float = 0.5
    balance: float = 0.5
    runs: int = 2
    kept: float = 0.85
    seed: int = 7


def tune(
    texts: Sequence[str],
    truth: Sequence[str],
    classes: Sequence[str],
    encoder_folder: Path,
    recipe: Recipe,
    progress: Progress | None = None,
) -> TunedModel:
    """Tune the encoder; the same items and recipe give the same model on one kind of processor.

    Args:
        texts: cleaned texts that are not empty.
        truth: the class of each.
        classes: all classes, in the order the model will give them.
        encoder_folder: the encoder to start from.
        recipe: how.
        progress: told the number of texts trained on since the last call; in all `len(texts) * epochs * runs`.

    Returns:
        The model with temperature 1; `calibration` finds a better one.

    Raises:
        ModelError: the encoder cannot be used.
    """
    tokenizer = load_tokenizer(encoder_folder, MAX_TOKENS)
    targets = torch.tensor([list(classes).index(name) for name in truth])
    extra = torch.from_numpy(surface_features(texts))
    before = load_network(encoder_folder, len(classes), N_SURFACE_FEATURES).state_dict()
    total = {name: torch.zeros_like(value) for name, value in before.items()}
    for seed in range(recipe.seed, recipe.seed + recipe.runs):
        network = load_network(encoder_folder, len(classes), N_SURFACE_FEATURES, recipe.dropout)
        epochs = _varied_epochs([spoken(text) for text in texts], tokenizer, recipe, np.random.default_rng(seed))
        with _settled(seed), _few_words(network, epochs) as compact:
            _run(network, compact, targets, extra, recipe, np.random.default_rng([seed, 1]), progress)
        for name, value in network.state_dict().items():
            total[name] += value - before[name]
    shares = {name: (1.0 if name.startswith("head.") else recipe.kept) / recipe.runs for name in before}
    changes = packed(before, {name: value + total[name] * shares[name] for name, value in before.items()})
    # What is used is what a file will hold, rounding included.
    fresh = load_network(encoder_folder, len(classes), N_SURFACE_FEATURES)
    apply_changes(fresh, changes)
    return TunedModel(tuple(classes), fresh, tokenizer, 1.0, changes)


def _varied_epochs(
    texts: Sequence[str], tokenizer: Tokenizer, recipe: Recipe, rng: np.random.Generator
) -> list[list[list[int]]]:
    chosen = rng.random((recipe.epochs, len(texts))) < recipe.varied_ratio
    epochs = []
    for row in chosen:
        seen = [varied(text, rng) if is_chosen else text for text, is_chosen in zip(texts, row, strict=True)]
        epochs.append([encoding.ids for encoding in tokenizer.encode_batch(seen)])
    return epochs


@contextlib.contextmanager
def _settled(seed: int) -> Iterator[None]:
    # torch draws from one source for the whole process: it is put back afterwards, like the number of threads.
    threads = torch.get_num_threads()
    torch.set_num_threads(_THREADS)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


@contextlib.contextmanager
def _few_words(network: Network, epochs: Sequence[Sequence[Sequence[int]]]) -> Iterator[list[list[list[int]]]]:
    """Train only the word vectors that occur: a third of the work of a step would go into the others."""
    whole = network.words.weight.detach()
    used = sorted({0}.union(*(ids for epoch in epochs for ids in epoch)))
    place = {token: index for index, token in enumerate(used)}
    network.words = _embedding(whole[used])
    yield [[[place[token] for token in ids] for ids in epoch] for epoch in epochs]
    whole[used] = network.words.weight.detach()
    network.words = _embedding(whole)


def _embedding(vectors: Tensor) -> nn.Embedding:
    return nn.Embedding(vectors.shape[0], vectors.shape[1], _weight=vectors)


def _run(
    network: Network,
    epochs: Sequence[Sequence[Sequence[int]]],
    targets: Tensor,
    extra: Tensor,
    recipe: Recipe,
    rng: np.random.Generator,
    progress: Progress | None,
) -> None:
    nn.init.normal_(network.head.weight, std=_HEAD_SPREAD)
    optimizer = torch.optim.AdamW(_groups(network, recipe), betas=(0.9, 0.98), fused=True)
    batches = [_batches([len(ids) for ids in token_ids], recipe.batch, rng) for token_ids in epochs]
    n_steps = sum(map(len, batches))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, n_steps))
    counts = torch.bincount(targets, minlength=network.head.out_features).clamp(min=1).float()
    weight = (counts.mean() / counts) ** recipe.balance
    trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    network.train()
    for token_ids, batches_of_epoch in zip(epochs, batches, strict=True):
        for rows in batches_of_epoch:
            ids = [token_ids[row] for row in rows]
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_has_short_floats()):
                means = network.mean_vectors(padded(ids, max(map(len, ids))))
                scores = network.score(means, extra[rows])
            loss = recipe.cross_entropy * functional.cross_entropy(
                scores.float(), targets[rows], weight=weight, label_smoothing=recipe.smoothing
            )
            if recipe.contrast:
                loss = loss + recipe.contrast * contrastive_loss(means.float(), targets[rows])
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            if progress:
                progress(len(rows))
    network.eval()


def contrastive_loss(vectors: Tensor, targets: Tensor, temperature: float = 0.1) -> Tensor:
    """Supervised contrastive loss (Khosla et al. 2020): texts of one class draw together, others move apart.

    Args:
        vectors: (n, width), of any length.
        targets: class of each, (n,).
        temperature: the smaller, the more the nearest count.

    Returns:
        A mean over the texts; one that is alone in its class counts as 0.
    """
    unit = functional.normalize(vectors, dim=1)
    is_self = torch.eye(len(unit), dtype=torch.bool)
    likeness = (unit @ unit.T / temperature).masked_fill(is_self, -1e9)
    logarithms = likeness - torch.logsumexp(likeness, 1, keepdim=True)
    is_kin = (targets[:, None] == targets[None]) & ~is_self
    return -((logarithms * is_kin).sum(1) / is_kin.sum(1).clamp(min=1)).mean()


def _groups(network: Network, recipe: Recipe) -> list[dict[str, object]]:
    groups: list[dict[str, object]] = [
        {"params": list(network.head.parameters()), "lr": recipe.head_rate, "weight_decay": recipe.weight_decay},
        {"params": list(network.words.parameters()), "lr": recipe.word_rate, "weight_decay": 0.0},
    ]
    for n_above, layer in enumerate(reversed(network.layers)):
        rate = recipe.layer_rate * recipe.decay**n_above
        for is_matrix, decay in ((True, recipe.weight_decay), (False, 0.0)):
            found = [parameter for parameter in layer.parameters() if (parameter.ndim > 1) == is_matrix]
            groups.append({"params": found, "lr": rate, "weight_decay": decay})
    return groups


def _rate(step: int, n_steps: int) -> float:
    # Up for a tenth of the steps, then down in a straight line.
    n_up = max(1, n_steps // 10)
    return (step + 1) / n_up if step < n_up else max(0.02, (n_steps - step) / max(1, n_steps - n_up))


def _batches(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    # Texts of about one length together, so that little is padded; which ones, and in what order, is drawn.
    order = np.argsort(np.asarray(lengths) + rng.uniform(-2, 2, len(lengths)), kind="stable").tolist()
    batches: list[list[int]] = [[]]
    longest = 0
    for row in order:
        longest = max(longest, lengths[row])
        if len(batches[-1]) == size or (batches[-1] and (len(batches[-1]) + 1) * longest > _MOST_TOKENS):
            batches.append([])
            longest = lengths[row]
        batches[-1].append(row)
    return [batches[index] for index in rng.permutation(len(batches)) if batches[index]]


def _has_short_floats() -> bool:
    # bfloat16 halves the time and more where the processor has it, and is far slower than float32 where it has not.
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
