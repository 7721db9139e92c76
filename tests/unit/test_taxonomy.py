"""Labels, their definitions and the rules beside them agree."""

import pytest

from feedback_triage.content_free import is_content_free
from feedback_triage.taxonomy import DEFINITIONS, LABELS, NONE_OF_THEM, SILENCE, LabelDefinition

each_definition = pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)


def test_each_label_has_one_definition_in_the_same_order() -> None:
    assert tuple(definition.name for definition in DEFINITIONS) == LABELS
    assert len(set(LABELS)) == len(LABELS)


def test_none_of_the_labels_is_not_a_label() -> None:
    assert NONE_OF_THEM not in LABELS


def test_the_titles_tell_the_labels_apart() -> None:
    assert len({definition.title for definition in DEFINITIONS}) == len(LABELS)


def test_no_example_stands_for_two_labels() -> None:
    examples = [example.casefold() for definition in DEFINITIONS for example in definition.examples]
    assert len(set(examples)) == len(examples)


@each_definition
def test_a_definition_says_what_counts_what_does_not_and_how_it_sounds(definition: LabelDefinition) -> None:
    assert definition.title == definition.name.replace("_", " ")
    assert definition.definition.endswith(".")
    assert definition.definition.count(".") == 1
    for phrases in (definition.counts, definition.does_not_count, definition.examples):
        assert phrases
        assert all(phrase == phrase.strip() != "" for phrase in phrases)
    assert not set(definition.counts) & set(definition.does_not_count)


@each_definition
def test_the_rule_for_texts_without_content_agrees_with_the_examples(definition: LabelDefinition) -> None:
    for example in definition.examples:
        assert is_content_free(example) == (definition.name == SILENCE)
