"""A classifier's folder: what goes in comes out, and nothing unexpected is ever loaded."""

import functools
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from feedback_triage.artifacts import load_classifier, save_classifier, use_classifier, versions
from feedback_triage.errors import ModelError
from feedback_triage.label import FeedbackClassifier, feature_matrix, model_classes
from feedback_triage.taxonomy import LABELS

DIM = 6
VERSION = "2026-01-02-abcdef01"
TEXTS = ["The footer link is dead", "We love it!", "n/a", "", "PLEASE add prices?"]


def trained(seed: int = 0) -> FeedbackClassifier:
    rng = np.random.default_rng(seed)
    classes = np.array([*model_classes(LABELS)] * 8)
    vectors = rng.normal(size=(len(classes), DIM)).astype(np.float32)
    model = LogisticRegression().fit(feature_matrix(["a text"] * len(classes), vectors), classes)
    return FeedbackClassifier(VERSION, "tiny-1", LABELS, 0.42, model)


def save(directory: Path, classifier: FeedbackClassifier) -> Path:
    return save_classifier(directory, classifier, {"seed": 7}, {"macro_f1": {"value": 0.5}}, "# Card\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved classifier that is in use."""
    found = save(tmp_path, trained())
    use_classifier(tmp_path, VERSION)
    return found


def refused(directory: Path, version: str = "") -> str:
    with pytest.raises(ModelError) as error:
        load_classifier(directory, version)
    message = str(error.value)
    assert "\n" not in message
    return message


# --- there and back ---


def test_what_is_saved_is_what_is_loaded(folder: Path) -> None:
    before, after = trained(), load_classifier(folder.parent)
    for name in ("version", "encoder_id", "labels", "threshold"):
        assert getattr(after, name) == getattr(before, name)
    vectors = np.random.default_rng(3).normal(size=(len(TEXTS), DIM)).astype(np.float32)
    assert (after.probabilities(TEXTS, vectors) == before.probabilities(TEXTS, vectors)).all()
    assert after.predict(TEXTS, vectors) == before.predict(TEXTS, vectors)


def test_a_folder_holds_the_model_its_configuration_its_figures_and_its_card(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "classifier.skops",
        "config.json",
        "metrics.json",
    ]
    assert folder.name == VERSION
    assert json.loads((folder / "metrics.json").read_text("utf-8")) == {"macro_f1": {"value": 0.5}}
    assert (folder / "README.md").read_text("utf-8") == "# Card\n"
    assert json.loads((folder / "config.json").read_text("utf-8")) == {
        "seed": 7,
        "version": VERSION,
        "encoder_id": "tiny-1",
        "labels": list(LABELS),
        "threshold": 0.42,
    }


def test_the_classifier_itself_goes_before_a_configuration_that_contradicts_it(tmp_path: Path) -> None:
    folder = save_classifier(tmp_path, trained(), {"threshold": 0.99, "version": "another"}, {}, "")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert (config["threshold"], config["version"]) == (0.42, VERSION)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_saving_a_classifier_again_changes_no_byte(tmp_path: Path) -> None:
    classifier = trained()
    first = contents(save(tmp_path / "a", classifier))
    assert contents(save(tmp_path / "b", classifier)) == first
    assert contents(save(tmp_path / "a", classifier)) == first


@pytest.mark.parametrize("name", ["README.md", "config.json", "metrics.json"])
def test_an_equal_classifier_gives_the_same_texts(tmp_path: Path, name: str) -> None:
    one, other = (contents(save(tmp_path / place, trained())) for place in "ab")
    assert one[name] == other[name]


def test_an_equal_classifier_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two trainings with one result, as in two processes."""
    first, second = trained(), trained()
    one, other = (contents(save(tmp_path / place, found)) for place, found in (("a", first), ("b", second)))
    assert one["classifier.skops"] == other["classifier.skops"]


def test_a_loaded_classifier_is_saved_as_the_bytes_it_came_from(folder: Path, tmp_path: Path) -> None:
    again = save(tmp_path / "again", load_classifier(folder.parent))
    assert contents(again)["classifier.skops"] == contents(folder)["classifier.skops"]


def test_the_archive_tells_no_time(folder: Path) -> None:
    with zipfile.ZipFile(folder / "classifier.skops") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


# --- versions ---


def test_versions_are_the_folders_with_a_configuration_oldest_first(tmp_path: Path) -> None:
    for name in ("2026-10-01-00000000", "2025-12-31-ffffffff", "2026-02-03-aaaaaaaa"):
        save(tmp_path, replace(trained(), version=name))
    (tmp_path / "2026-01-01-half").mkdir()
    (tmp_path / "CURRENT").write_text("2026-10-01-00000000\n", "utf-8")
    assert versions(tmp_path) == ["2025-12-31-ffffffff", "2026-02-03-aaaaaaaa", "2026-10-01-00000000"]


def test_a_folder_that_is_not_there_has_no_versions(tmp_path: Path) -> None:
    assert versions(tmp_path / "nowhere") == []


def test_the_version_in_use_is_loaded_unless_another_is_named(tmp_path: Path) -> None:
    for name in ("2026-01-01-a", "2026-01-02-b"):
        save(tmp_path, replace(trained(), version=name))
    use_classifier(tmp_path, "2026-01-02-b")
    use_classifier(tmp_path, "2026-01-01-a")
    assert (tmp_path / "CURRENT").read_bytes() == b"2026-01-01-a\n"
    assert load_classifier(tmp_path).version == "2026-01-01-a"
    assert load_classifier(tmp_path, "2026-01-02-b").version == "2026-01-02-b"


def test_an_unknown_version_cannot_be_put_in_use(folder: Path) -> None:
    with pytest.raises(ModelError) as error:
        use_classifier(folder.parent, "2020-01-01-none")
    assert str(error.value) == f"{folder.parent} has no classifier '2020-01-01-none'; it has {VERSION}"
    assert (folder.parent / "CURRENT").read_text("utf-8") == f"{VERSION}\n"


def test_where_there_is_no_classifier_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        use_classifier(tmp_path, "2020-01-01-none")
    assert str(error.value) == f"{tmp_path} has no classifier '2020-01-01-none'; it has none"
    assert not (tmp_path / "CURRENT").exists()


# --- folders that cannot be used ---


def test_without_a_version_in_use_there_is_nothing_to_load(folder: Path) -> None:
    (folder.parent / "CURRENT").unlink()
    assert refused(folder.parent) == f"{folder.parent} has no classifier to load; run: make train"


@pytest.mark.parametrize(
    "current",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"2020-01-01-none\n", id="a version that is gone"),
        pytest.param(b"\xff\xfe", id="bytes that are no text"),
    ],
)
def test_a_version_in_use_that_cannot_be_followed_is_told(folder: Path, current: bytes) -> None:
    (folder.parent / "CURRENT").write_bytes(current)
    assert refused(folder.parent).endswith("; run: make train")


@pytest.mark.parametrize("name", ["config.json", "classifier.skops"])
def test_a_file_that_is_gone_is_told(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refused(folder.parent) == f"{folder.parent} has no classifier to load; run: make train"


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b'{"version": "x"', id="broken JSON"),
        pytest.param(b"\xff\xfe\x00", id="bytes that are no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="nothing in it"),
        pytest.param(b'{"version": "v", "encoder_id": "e", "labels": ["praise"]}', id="no threshold"),
        pytest.param(
            b'{"version": "v", "encoder_id": "e", "labels": ["praise"], "threshold": "high"}',
            id="a threshold in words",
        ),
        pytest.param(
            b'{"version": "v", "encoder_id": "e", "labels": ["praise"], "threshold": null}', id="a threshold of null"
        ),
        pytest.param(b'{"version": "v", "encoder_id": "e", "labels": null, "threshold": 0.4}', id="labels of null"),
        pytest.param(
            b'{"version": "v", "encoder_id": "e", "labels": "praise", "threshold": 0.4}',
            id="labels that are one word",
        ),
        pytest.param(
            b'{"version": "v", "encoder_id": "e", "labels": ["delight"], "threshold": 0.4}',
            id="labels that the model does not know",
        ),
    ],
)
def test_a_damaged_configuration_is_told_in_one_line(folder: Path, config: bytes) -> None:
    (folder / "config.json").write_bytes(config)
    assert refused(folder.parent).endswith("; run: make train")


def archive_with(**files: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"no archive at all", id="another kind of file"),
        pytest.param(archive_with(other_txt="x"), id="an archive without a schema"),
        pytest.param(archive_with(schema_json="{"), id="a schema of broken JSON"),
        pytest.param(archive_with(schema_json="{}"), id="an empty schema"),
        pytest.param(archive_with(schema_json="[]"), id="a schema that is a list"),
        pytest.param(
            archive_with(schema_json='{"__class__": "x", "__module__": "os", "__loader__": "NoSuchNode"}'),
            id="a loader that does not exist",
        ),
    ],
)
def test_a_damaged_model_is_told_in_one_line(folder: Path, content: bytes) -> None:
    (folder / "classifier.skops").write_bytes(content)
    assert refused(folder.parent) == f"classifier {VERSION} in {folder.parent} is damaged; run: make train"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_model_that_was_cut_off_is_told_in_one_line(folder: Path, kept: float) -> None:
    content = (folder / "classifier.skops").read_bytes()
    (folder / "classifier.skops").write_bytes(content[: int(len(content) * kept)])
    assert refused(folder.parent) == f"classifier {VERSION} in {folder.parent} is damaged; run: make train"


def test_a_model_with_one_damaged_byte_is_loaded_or_told_never_a_traceback(folder: Path) -> None:
    """A byte that nothing reads (a flag, a name repeated elsewhere) does no harm; any other is noticed."""
    content = (folder / "classifier.skops").read_bytes()
    rng = np.random.default_rng(11)
    vectors = rng.normal(size=(len(TEXTS), DIM)).astype(np.float32)
    expected = trained().probabilities(TEXTS, vectors)
    for position in rng.choice(len(content), 120, replace=False):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        (folder / "classifier.skops").write_bytes(bytes(damaged))
        try:
            found = load_classifier(folder.parent)
        except ModelError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
        else:
            assert (found.probabilities(TEXTS, vectors) == expected).all()


# --- what is not trusted ---


class Stranger:
    """A type that no classifier holds."""

    def __init__(self) -> None:
        self.answer = 42


@pytest.mark.parametrize(
    ("stranger", "names"),
    [
        pytest.param(functools.partial(print, "loaded"), r"builtins\.print, functools\.partial", id="a function"),
        pytest.param(re.compile, r"re\.compile", id="a function of the standard library"),
        pytest.param([1, {"deep": Stranger()}], r"\S+Stranger", id="a class, deep inside"),
    ],
)
def test_a_model_of_an_unexpected_type_is_refused_by_name(folder: Path, stranger: Any, names: str) -> None:
    (folder / "classifier.skops").write_bytes(skops.io.dumps(stranger))
    assert re.fullmatch(f"classifier {VERSION} holds types that are not trusted: {names}", refused(folder.parent))


def test_a_real_model_with_a_stranger_inside_is_refused_and_the_stranger_never_called(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model: Any = trained().model
    call: Callable[[], None] = functools.partial(print, "it ran")
    model.extra_ = call
    (folder / "classifier.skops").write_bytes(skops.io.dumps(model))
    assert "functools.partial" in refused(folder.parent)
    assert capsys.readouterr().out == ""
