"""Texts in batches of a few fixed shapes, so that a text gives the same bits in any company, order and thread count.

A matrix product may add its terms in another order when its shape changes. Here a batch always has `ROWS` texts,
padded to a length that depends on the text alone; see tests/integration/test_embed.py.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

ROWS = 16
LENGTHS = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)

Batch = tuple[list[int], int]
"""Positions of up to `ROWS` texts, and the length they are padded to."""

Result = TypeVar("Result")


def batches_by_length(n_tokens: Sequence[int]) -> list[Batch]:
    """Batches of texts of about one length, short ones first.

    Args:
        n_tokens: tokens of each text, at most the largest of `LENGTHS`.
    """
    by_length: dict[int, list[int]] = {}
    for position, n in enumerate(n_tokens):
        by_length.setdefault(next(length for length in LENGTHS if n <= length), []).append(position)
    return [
        (positions[start : start + ROWS], length)
        for length, positions in sorted(by_length.items())
        for start in range(0, len(positions), ROWS)
    ]


def encodable(text: str, longest: int) -> str:
    """The beginning of a text, without halves of characters that no tokenizer takes.

    Args:
        text: any text.
        longest: most characters of the result.
    """
    return text[:longest].encode("utf-8", "replace").decode("utf-8")


def over_cores(compute: Callable[[Batch], Result], batches: Sequence[Batch]) -> Iterator[tuple[list[int], Result]]:
    """Results with the positions they belong to, in the order of the batches, one batch a core.

    One batch a thread beats one batch over all threads: no thread waits for another within a layer, which on a busy
    machine costs ten times the work itself.
    """
    with ThreadPoolExecutor(_n_cores(), initializer=_one_thread_each) as pool:
        for (positions, _), found in zip(batches, pool.map(compute, batches), strict=True):
            yield positions, found


def filled(positions: Sequence[int]) -> list[int]:
    """A full batch: the last one of a length is filled up with its first text."""
    return [*positions, *[positions[0]] * (ROWS - len(positions))]


def _n_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one_thread_each() -> None:
    import torch  # noqa: PLC0415 - slow to import, needed only when something is computed

    torch.set_num_threads(1)
