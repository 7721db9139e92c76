"""The words of planted faults: what customers say of them, and what the notes of releases say."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from feedback_triage.embed import SentenceEncoder, as_unit
from feedback_triage.subject import NoteWords, note_sentences, similarity_to_notes

FAULTS = Path(__file__).resolve().with_name("faults.toml")


@dataclass(frozen=True)
class Texts:
    """The faults we wrote (`note`, `fix`, `reports`), notes of releases that did nothing, and vectors by sentence."""

    faults: list[dict]
    others: list[str]
    general: list[str]
    vectors: dict[str, NDArray[np.float32]]

    def compared(self, sentences: list[str], releases: pd.DataFrame, fault: dict) -> pd.DataFrame:
        """Compare reports with the notes of releases as the pipeline does; the other faults' reports are the stream."""
        notes = [
            (release_id, sentence)
            for release_id, note in zip(releases["release_id"], releases["notes"], strict=True)
            for sentence in note_sentences(note)
        ]
        if not notes:
            return pd.DataFrame({"release_id": [], "similarity": [], "shared": []})
        others = [report for each in self.faults if each is not fault for report in each["reports"]]
        found = similarity_to_notes(
            np.array([self.vectors[each] for each in sentences]),
            np.array([self.vectors[sentence] for _, sentence in notes]),
            [release_id for release_id, _ in notes],
        )
        return found.merge(NoteWords.of([*sentences, *others], notes).shared_by(range(len(sentences))), on="release_id")


def load_texts(encoder: SentenceEncoder, notes: list[str], rows: slice, *, terse: bool = False) -> Texts:
    """Read the faults of `rows` and encode all that is compared, the notes of real releases (`notes`) too.

    Where it is `terse`, made-up notes are as developers write to one another.
    """
    told = tomllib.loads(FAULTS.read_text("utf-8"))
    faults = told["fault"]
    if terse:
        faults = [fault | {"note": fault["terse"], "fix": fault["terse_fix"]} for fault in faults]
    others = told["notes"]["terse_others" if terse else "others"]
    notes = [*notes, *(fault[name] for fault in faults for name in ("note", "fix")), *others, *told["notes"]["general"]]
    sentences = {sentence for note in notes for sentence in note_sentences(note)}
    ordered = sorted(sentences | {report for fault in faults for report in fault["reports"]})
    vectors = dict(zip(ordered, as_unit(encoder.encode(ordered)), strict=True))
    return Texts(faults[rows], others, told["notes"]["general"], vectors)


def note_of(rng: np.random.Generator, texts: Texts, fault: dict) -> str:
    """A note that has nothing to do with the fault: ours, of another fault, or one that says nothing."""
    draw = rng.random()
    if draw < 0.2:
        return str(rng.choice(texts.general))
    if draw < 0.6:
        return str(rng.choice(texts.others))
    others = [each for each in texts.faults if each is not fault]
    return str(others[rng.integers(len(others))]["note" if rng.random() < 0.6 else "fix"])
