"""The example's texts read as if many people had written them, each for one occasion."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

TEXTS = Path(__file__).parents[2] / "examples" / "video_platform" / "texts"


@pytest.fixture(scope="module")
def texts() -> list[dict[str, Any]]:
    """The hand-written texts, those without content left out."""
    written = [
        json.loads(line)
        for path in sorted(TEXTS.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [text for text in written if text["expected_label"] != "silence"]


def test_no_text_with_content_is_written_twice(texts: list[dict[str, Any]]) -> None:
    written = Counter(" ".join(text["text"].lower().split()) for text in texts)
    assert [text for text, n in written.items() if n > 1] == []
    assert len(written) > 1900


def test_no_two_texts_share_seven_words_in_a_row(texts: list[dict[str, Any]]) -> None:
    where: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        words = re.findall(r"[\w'-]+", text["text"].lower())
        for start in range(len(words) - 6):
            where[tuple(words[start : start + 7])].add(number)
    assert [run for run, numbers in where.items() if len(numbers) > 1] == []


# Words that carry a sentence and not its subject: what a template leaves as it is.
COMMON_WORDS = """
a about after all also am an and any are as at be been but by can did do does doesn't don't for from
get had has have he her his how i i'm if in into is it it's its just me more most my new no not now of
off on one only or our out over she so some than thank thanks that the their them then there they this
to too up us was we were what when where which who why will with without would you your
"""
COMMON = frozenset(COMMON_WORDS.split())


def _frame(text: str) -> frozenset[tuple[str, ...]]:
    """What is left of a text when its content words are masked: runs of five of its words."""
    words = [word if word in COMMON else "_" for word in re.findall(r"[\w'-]+", text.lower())]
    runs = {tuple(words[start : start + 5]) for start in range(len(words) - 4)}
    return frozenset(run for run in runs if sum(word != "_" for word in run) >= 3)


def _largest_stamped_group(texts: list[str], *, least_similarity: float = 0.3) -> int:
    """Size of the largest group of texts that share a masked frame with one of them (Jaccard of the runs)."""
    frames = [frame for frame in map(_frame, texts) if len(frame) >= 3]
    having: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, frame in enumerate(frames):
        for run in frame:
            having[run].append(number)
    largest = 1 if frames else 0
    for frame in frames:
        n_shared: Counter[int] = Counter(number for run in frame for number in having[run])
        alike = [
            number for number, n in n_shared.items() if n / (len(frame) + len(frames[number]) - n) >= least_similarity
        ]
        largest = max(largest, len(alike))
    return largest


def test_the_stamp_detector_finds_a_filled_template() -> None:
    stamped = [
        f"I am not able to use the {thing} on my {device} after the update"
        for thing in ("player", "editor", "upload form", "playlist")
        for device in ("phone", "tablet", "old laptop")
    ]
    assert _largest_stamped_group(stamped) >= 10


def test_no_ten_texts_look_stamped_from_one_template(texts: list[dict[str, Any]]) -> None:
    assert _largest_stamped_group([text["text"] for text in texts]) < 10


def test_lengths_differ_as_among_people(texts: list[dict[str, Any]]) -> None:
    lengths = sorted(len(text["text"].split()) for text in texts)
    assert lengths[len(lengths) // 10] <= 7
    assert lengths[len(lengths) * 9 // 10] >= 25
    assert lengths[-1] >= 50
