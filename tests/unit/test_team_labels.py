"""Reading a team's own labels: what is right is read, what is wrong is told in one line."""

from pathlib import Path

import pytest

from feedback_triage.errors import SettingError
from feedback_triage.taxonomy import LABELS
from feedback_triage.team_labels import LEAST_EXAMPLES, TeamLabel, read_team_labels

EIGHT = "[" + ", ".join(f'"Please add thing {n}"' for n in range(8)) + "]"


def table(name: str = '"own"', definition: str = '"One."', examples: str = EIGHT) -> str:
    return f"[[label]]\nname = {name}\ndefinition = {definition}\nexamples = {examples}\n"


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "labels.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(SettingError) as error:
        read_team_labels(path)
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    return message.removeprefix(str(path)).lstrip(": ")


def test_labels_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, table('"zebra"', '" Stripes. "') + table('"ant_2"'))
    expected = tuple(f"Please add thing {n}" for n in range(8))
    assert read_team_labels(path) == (TeamLabel("zebra", "Stripes.", expected), TeamLabel("ant_2", "One.", expected))


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "label = []\n", 'title = "ours"\n'])
def test_a_file_without_labels_has_none(tmp_path: Path, content: str) -> None:
    assert read_team_labels(write(tmp_path, content)) == ()


def test_examples_are_trimmed_and_counted_once(tmp_path: Path) -> None:
    examples = "[" + ", ".join([*(f'" text {n} "' for n in range(8)), '"text 3"', '""', '"  "']) + "]"
    (label,) = read_team_labels(write(tmp_path, table(examples=examples)))
    assert label.examples == tuple(f"text {n}" for n in range(8))


@pytest.mark.parametrize("name", ["ab", "a1", "feature_request", "a" * 40])
def test_a_name_of_small_letters_digits_and_underscores_is_taken(tmp_path: Path, name: str) -> None:
    assert read_team_labels(write(tmp_path, table(f'"{name}"')))[0].name == name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('""', id="none"),
        pytest.param('"a"', id="one letter"),
        pytest.param('"Feature"', id="a capital"),
        pytest.param('"feature request"', id="a space"),
        pytest.param('"feature-request"', id="a hyphen"),
        pytest.param('"2fast"', id="a digit first"),
        pytest.param('"_own"', id="an underscore first"),
        pytest.param('"größe"', id="a letter outside a to z"),
        pytest.param('"' + "a" * 41 + '"', id="41 letters"),
        pytest.param('"own\\n"', id="a line end behind it"),
        pytest.param("7", id="a number"),
        pytest.param('["own"]', id="a list"),
    ],
)
def test_a_name_that_cannot_be_one_is_told(tmp_path: Path, name: str) -> None:
    assert refused(write(tmp_path, table(name))) == (
        "a label needs a name of lower case letters, digits and _, such as feature_request"
    )


def test_a_label_without_a_name_is_told(tmp_path: Path) -> None:
    assert "needs a name" in refused(write(tmp_path, f'[[label]]\ndefinition = "One."\nexamples = {EIGHT}\n'))


@pytest.mark.parametrize("name", [*LABELS, "other", "unclear"])
def test_a_built_in_name_is_told(tmp_path: Path, name: str) -> None:
    assert refused(write(tmp_path, table(f'"{name}"'))) == f"{name!r} is built in; choose another name"


@pytest.mark.parametrize("definition", ['""', '"  "', "7", "[]", "false"])
def test_a_missing_definition_is_told(tmp_path: Path, definition: str) -> None:
    assert refused(write(tmp_path, table(definition=definition))) == "the label 'own' needs a definition"
    assert "needs a definition" in refused(write(tmp_path, f'[[label]]\nname = "own"\nexamples = {EIGHT}\n'))


@pytest.mark.parametrize("examples", ['"one text"', "7", '["a", 7]', '[["a"]]', "{ a = 1 }"])
def test_examples_that_are_no_texts_are_told(tmp_path: Path, examples: str) -> None:
    assert refused(write(tmp_path, table(examples=examples))) == "the examples of 'own' must be a list of texts"


@pytest.mark.parametrize(
    ("examples", "n"),
    [
        pytest.param("[]", 0, id="none"),
        pytest.param('["a", "b", "c", "d", "e", "f", "g"]', 7, id="one too few"),
        pytest.param('["a", "b", "c", "d", "e", "f", "g", " g ", ""]', 7, id="one that is there twice"),
    ],
)
def test_too_few_examples_are_told(tmp_path: Path, examples: str, n: int) -> None:
    assert LEAST_EXAMPLES == 8
    assert refused(write(tmp_path, table(examples=examples))) == (
        f"the label 'own' has {n} different examples; give at least 8"
    )


def test_a_label_without_examples_is_told(tmp_path: Path) -> None:
    assert "has 0 different examples" in refused(write(tmp_path, '[[label]]\nname = "own"\ndefinition = "One."\n'))


def test_a_label_that_is_there_twice_is_told(tmp_path: Path) -> None:
    assert refused(write(tmp_path, table() + table('"two"') + table())) == "the label 'own' is defined twice"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('[label]\nname = "own"\n', id="one table"),
        pytest.param("[label.own]\n", id="tables by name"),
        pytest.param('label = ["own"]\n', id="names alone"),
        pytest.param('label = "own"\n', id="one name"),
    ],
)
def test_labels_that_are_no_list_of_tables_are_told(tmp_path: Path, content: str) -> None:
    assert refused(write(tmp_path, content)) == "write each label as a [[label]] table"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        pytest.param(b"[[label]\n", "at line 1", id="a bracket that is missing"),
        pytest.param(b"a = 1\na = 2\n", "overwrite", id="a key twice"),
        pytest.param(b"name: own\n", "at line 1", id="another kind of file"),
        pytest.param(b"\x00\x01", "at line 1", id="bytes of a program"),
        pytest.param(b'name = "\xff"\n', "not in UTF-8", id="another encoding"),
        pytest.param(b"a = " + b"[" * 20_000, "", id="brackets without end"),
    ],
)
def test_a_file_that_is_not_toml_is_told(tmp_path: Path, content: bytes, where: str) -> None:
    message = refused(write(tmp_path, content))
    assert message.startswith("is not a TOML file")
    assert where in message


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors write one; the CSV files of gold items may have it too."""
    assert read_team_labels(write(tmp_path, b"\xef\xbb\xbf" + table().encode()))[0].name == "own"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.toml", tmp_path):
        assert refused(path) == "cannot be read; put the team's labels there or unset it"
