"""Batches of fixed shapes: every text in one of them, results where they belong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.batching import LENGTHS, ROWS, Batch, batches_by_length, filled, over_cores

n_tokens = st.lists(st.integers(0, LENGTHS[-1]), max_size=120)


@given(n_tokens)
def test_every_text_is_in_one_batch(lengths: list[int]) -> None:
    batches = batches_by_length(lengths)
    assert sorted(row for rows, _ in batches for row in rows) == list(range(len(lengths)))
    assert all(1 <= len(rows) <= ROWS for rows, _ in batches)
    assert [length for _, length in batches] == sorted(length for _, length in batches)


@given(n_tokens, n_tokens)
def test_the_length_that_a_text_is_padded_to_depends_on_the_text_alone(lengths: list[int], company: list[int]) -> None:
    """It is the smallest that holds it."""
    for rows, padded in batches_by_length([*lengths, *company]):
        for row in rows:
            assert padded == min(length for length in LENGTHS if length >= [*lengths, *company][row])


def test_no_text_gives_no_batch() -> None:
    assert batches_by_length([]) == []
    assert list(over_cores(lambda batch: batch, [])) == []


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=ROWS, unique=True))
def test_a_batch_is_filled_up_with_its_first_text(positions: list[int]) -> None:
    full = filled(positions)
    assert len(full) == ROWS
    assert full[: len(positions)] == positions
    assert set(full[len(positions) :]) <= {positions[0]}


def test_results_come_in_the_order_of_the_batches_whichever_is_done_first() -> None:
    lengths = [n % 500 for n in range(0, 7_000, 13)]
    batches = batches_by_length(lengths)

    def compute(batch: Batch) -> int:
        rows, length = batch
        return sum(sum(range(row * (600 - length) % 20_000)) for row in rows)  # the first take longest

    assert list(over_cores(compute, batches)) == [(rows, compute((rows, length))) for rows, length in batches]


def test_an_error_in_a_batch_is_not_lost() -> None:
    def compute(batch: Batch) -> int:
        raise OverflowError(f"{len(batch[0])} texts")

    with pytest.raises(OverflowError, match="3 texts"):
        list(over_cores(compute, batches_by_length([5, 5, 5])))
