"""A classifier's folder: what goes in comes out, and nothing unexpected is ever loaded."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from feedback_triage.abstention import OperatingPoint
from feedback_triage.artifacts import StoredTunedModel, classifier_in_use, load_classifier, read_config, save_classifier
from feedback_triage.classifier_history import history, roll_back, use_classifier, versions
from feedback_triage.embed import load_encoder
from feedback_triage.errors import ModelError, SettingError
from feedback_triage.label import FeedbackClassifier, TeamModel, VectorModel, feature_matrix, model_classes
from feedback_triage.label.tuned import dump_tuned
from feedback_triage.learning.tuning import Recipe, tune
from feedback_triage.settings import Settings
from feedback_triage.taxonomy import LABELS
from tests.support.gold_items import CLASSES, MODELS, TRUTH
from tests.support.gold_items import TEXTS as GOLD_TEXTS

DIM = 6
VERSION = "2026-01-02-abcdef01"
TEXTS = ["The footer link is dead", "We love it!", "n/a", "", "PLEASE add prices?"]
NO_ENCODER = Path("nowhere")  # a model over vectors needs no weights
POINTS = (OperatingPoint(0.0, 50, 40, 6), OperatingPoint(0.42, 50, 30, 1))
TEAM = TeamModel(("wish", "billing"), np.random.default_rng(5).normal(size=(2, DIM)), np.array([0.25, -1.5]))


def trained(seed: int = 0) -> FeedbackClassifier:
    rng = np.random.default_rng(seed)
    classes = np.array([*model_classes(LABELS)] * 8)
    vectors = rng.normal(size=(len(classes), DIM)).astype(np.float32)
    model = LogisticRegression().fit(feature_matrix(["a text"] * len(classes), vectors), classes)
    return FeedbackClassifier(VERSION, "tiny-1", LABELS, 0.42, VectorModel(model), ("en", "de"), POINTS)


def save(directory: Path, classifier: FeedbackClassifier) -> Path:
    pages = {"README.md": "# Card\n", "curve.svg": "<svg/>\n"}
    return save_classifier(directory, classifier, {"seed": 7}, {"macro_f1": {"value": 0.5}}, pages)


def load(directory: Path, version: str = "") -> FeedbackClassifier:
    return load_classifier(directory, NO_ENCODER, version)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A saved classifier that is in use."""
    found = save(tmp_path, trained())
    use_classifier(tmp_path, VERSION)
    return found


@pytest.fixture(scope="module")
def encoder_folder() -> Path:
    return load_encoder(MODELS).folder


@pytest.fixture(scope="module")
def tuned(encoder_folder: Path) -> FeedbackClassifier:
    model = tune(GOLD_TEXTS, TRUTH, CLASSES, encoder_folder, Recipe(epochs=1, batch=5, runs=1))
    return FeedbackClassifier(VERSION, "tiny-1", LABELS, 0.3, replace(model, temperature=1.375), ("en",), POINTS)


def refused(directory: Path, version: str = "") -> str:
    with pytest.raises(ModelError) as error:
        load(directory, version)
    message = str(error.value)
    assert "\n" not in message
    return message


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- there and back ---


@pytest.mark.parametrize("team", [None, TEAM], ids=["the built-in labels", "a team's labels too"])
def test_what_is_saved_is_what_is_loaded(tmp_path: Path, team: TeamModel | None) -> None:
    before = replace(trained(), team=team)
    save(tmp_path, before)
    after = load(tmp_path, VERSION)
    for name in ("version", "encoder_id", "labels", "threshold", "languages", "points", "all_labels"):
        assert getattr(after, name) == getattr(before, name)
    vectors = np.random.default_rng(3).normal(size=(len(TEXTS), DIM)).astype(np.float32)
    assert (after.probabilities(TEXTS, vectors) == before.probabilities(TEXTS, vectors)).all()
    assert after.predict(TEXTS, vectors) == before.predict(TEXTS, vectors)


def test_a_tuned_classifier_comes_back_with_the_same_bits(
    tmp_path: Path, tuned: FeedbackClassifier, encoder_folder: Path
) -> None:
    save(tmp_path, tuned)
    after = load_classifier(tmp_path, encoder_folder, VERSION)
    assert not after.needs_vectors
    assert after.model.classes_ == tuned.model.classes_
    assert np.array_equal(
        after.model.predict_proba([*GOLD_TEXTS, *TEXTS], None), tuned.model.predict_proba([*GOLD_TEXTS, *TEXTS], None)
    )
    assert after.predict([*GOLD_TEXTS, *TEXTS]) == tuned.predict([*GOLD_TEXTS, *TEXTS])


def test_a_tuned_classifier_that_was_loaded_is_saved_as_the_bytes_it_came_from(
    tmp_path: Path, tuned: FeedbackClassifier, encoder_folder: Path
) -> None:
    """As when the first step is kept and only the team's labels are trained anew."""
    first = save(tmp_path / "a", tuned)
    again = save(tmp_path / "b", load_classifier(tmp_path / "a", encoder_folder, VERSION))
    assert contents(again) == contents(first)
    assert contents(first)["classifier.safetensors"] == dump_tuned(tuned.model)  # type: ignore[arg-type] # it is one


def test_loading_a_tuned_classifier_does_not_import_torch(tmp_path: Path, tuned: FeedbackClassifier) -> None:
    """A name, the labels and the budget are told in no time; only a prediction needs the network."""
    save(tmp_path, tuned)
    use_classifier(tmp_path, VERSION)
    code = (
        "import sys; from pathlib import Path; from feedback_triage.artifacts import load_classifier;"
        "found = load_classifier(Path(sys.argv[1]), Path('nowhere'));"
        "print(found.version, found.needs_vectors, found.all_labels, found.with_budget(50).threshold);"
        "print(sorted({'torch', 'transformers', 'tokenizers', 'sentence_transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [f"{VERSION} False {LABELS} 0.0", "[]"]


def test_a_tuned_classifier_without_its_encoder_is_told_when_it_is_asked(
    tmp_path: Path, tuned: FeedbackClassifier
) -> None:
    save(tmp_path, tuned)
    found = load(tmp_path, VERSION)
    with pytest.raises(ModelError) as error:
        found.predict(["The link is dead"])
    assert "\n" not in str(error.value)


def test_a_tuned_model_that_is_damaged_is_told_when_it_is_asked(encoder_folder: Path) -> None:
    with pytest.raises(ModelError, match="damaged; run: make train"):
        StoredTunedModel(CLASSES, b"no model", encoder_folder).predict_proba(["a text"])


def test_a_folder_holds_the_model_its_configuration_its_figures_and_its_pages(folder: Path) -> None:
    assert folder.name == VERSION
    found = contents(folder)
    assert sorted(found) == ["README.md", "classifier.skops", "config.json", "curve.svg", "metrics.json"]
    assert found["README.md"] == b"# Card\n"
    assert json.loads(found["metrics.json"]) == {
        "macro_f1": {"value": 0.5},
        "risk_coverage": [[0.0, 50, 40, 6], [0.42, 50, 30, 1]],
    }
    assert json.loads(found["config.json"]) == {
        "seed": 7,
        "version": VERSION,
        "encoder_id": "tiny-1",
        "labels": list(LABELS),
        "team_labels": [],
        "classes": sorted(model_classes(LABELS)),
        "threshold": 0.42,
        "languages": ["en", "de"],
        "files": {"classifier.skops": hashlib.sha256(found["classifier.skops"]).hexdigest()},
    }


def test_a_teams_step_is_a_file_of_its_own_under_its_digest(tmp_path: Path) -> None:
    found = contents(save(tmp_path, replace(trained(), team=TEAM)))
    config = json.loads(found["config.json"])
    assert config["team_labels"] == ["wish", "billing"]
    assert config["files"]["team.safetensors"] == hashlib.sha256(found["team.safetensors"]).hexdigest()


def test_the_classifier_itself_goes_before_a_configuration_that_contradicts_it(tmp_path: Path) -> None:
    folder = save_classifier(tmp_path, trained(), {"threshold": 0.99, "version": "another"}, {}, {})
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert (config["threshold"], config["version"]) == (0.42, VERSION)


def test_what_is_configured_is_read_with_the_figures(folder: Path) -> None:
    config = read_config(folder.parent)
    assert config["seed"] == 7
    assert config["metrics"]["macro_f1"] == {"value": 0.5}
    assert read_config(folder.parent, VERSION) == config


def test_saving_a_classifier_again_changes_no_byte(tmp_path: Path) -> None:
    classifier = replace(trained(), team=TEAM)
    first = contents(save(tmp_path / "a", classifier))
    assert contents(save(tmp_path / "b", classifier)) == first
    assert contents(save(tmp_path / "a", classifier)) == first


def test_an_equal_classifier_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two trainings with one result, as in two processes."""
    first, second = trained(), trained()
    one, other = (contents(save(tmp_path / place, found)) for place, found in (("a", first), ("b", second)))
    assert one == other


def test_a_loaded_classifier_is_saved_as_the_bytes_it_came_from(folder: Path, tmp_path: Path) -> None:
    assert contents(save(tmp_path / "again", load(folder.parent))) == contents(folder)


# --- versions ---


def test_versions_are_the_folders_with_a_configuration_oldest_first(tmp_path: Path) -> None:
    for name in ("2026-10-01-00000000", "2025-12-31-ffffffff", "2026-02-03-aaaaaaaa"):
        save(tmp_path, replace(trained(), version=name))
    (tmp_path / "2026-01-01-half").mkdir()
    (tmp_path / "HISTORY").write_text("2026-10-01-00000000\n", "utf-8")
    assert versions(tmp_path) == ["2025-12-31-ffffffff", "2026-02-03-aaaaaaaa", "2026-10-01-00000000"]


def test_a_folder_that_is_not_there_has_no_versions(tmp_path: Path) -> None:
    assert versions(tmp_path / "nowhere") == []
    assert history(tmp_path / "nowhere") == []


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A folder of three classifiers, none of them in use."""
    for name in ("2026-01-01-a", "2026-01-02-b", "2026-01-03-c"):
        save(tmp_path, replace(trained(), version=name))
    return tmp_path


def test_the_version_in_use_is_loaded_unless_another_is_named(three: Path) -> None:
    use_classifier(three, "2026-01-02-b")
    use_classifier(three, "2026-01-01-a")
    assert (three / "HISTORY").read_bytes() == b"2026-01-02-b\n2026-01-01-a\n"
    assert load(three).version == "2026-01-01-a"
    assert load(three, "2026-01-02-b").version == "2026-01-02-b"


def test_putting_the_version_in_use_in_use_again_is_no_news(three: Path) -> None:
    for name in ("2026-01-01-a", "2026-01-01-a", "2026-01-02-b", "2026-01-02-b", "2026-01-01-a"):
        use_classifier(three, name)
    assert history(three) == ["2026-01-01-a", "2026-01-02-b", "2026-01-01-a"]


def test_going_back_puts_the_version_before_in_use_step_by_step(three: Path) -> None:
    for name in ("2026-01-03-c", "2026-01-01-a", "2026-01-02-b"):
        use_classifier(three, name)
    assert roll_back(three) == "2026-01-01-a"
    assert load(three).version == "2026-01-01-a"
    assert roll_back(three) == "2026-01-03-c"
    assert history(three) == ["2026-01-03-c"]
    with pytest.raises(ModelError, match="no earlier classifier to go back to"):
        roll_back(three)
    assert history(three) == ["2026-01-03-c"]


def test_after_going_back_another_version_can_be_put_in_use(three: Path) -> None:
    for name in ("2026-01-01-a", "2026-01-02-b"):
        use_classifier(three, name)
    roll_back(three)
    use_classifier(three, "2026-01-03-c")
    assert history(three) == ["2026-01-01-a", "2026-01-03-c"]
    assert roll_back(three) == "2026-01-01-a"


def test_there_is_no_going_back_where_nothing_was_in_use(three: Path) -> None:
    with pytest.raises(ModelError, match="no earlier classifier"):
        roll_back(three)
    assert not (three / "HISTORY").exists()


def test_there_is_no_going_back_to_a_folder_that_is_gone(three: Path) -> None:
    for name in ("2026-01-01-a", "2026-01-02-b"):
        use_classifier(three, name)
    (three / "2026-01-01-a" / "config.json").unlink()
    with pytest.raises(ModelError) as error:
        roll_back(three)
    assert str(error.value) == f"the earlier classifier 2026-01-01-a is no longer in {three}; run: make train"
    assert load(three).version == "2026-01-02-b"


def test_nothing_half_written_is_left_beside_the_history(three: Path) -> None:
    use_classifier(three, "2026-01-01-a")
    assert sorted(path.name for path in three.iterdir() if path.is_file()) == [".lock", "HISTORY"]


def test_an_unknown_version_cannot_be_put_in_use(folder: Path) -> None:
    with pytest.raises(ModelError) as error:
        use_classifier(folder.parent, "2020-01-01-none")
    assert str(error.value) == f"{folder.parent} has no classifier '2020-01-01-none'; it has {VERSION}"
    assert history(folder.parent) == [VERSION]


def test_where_there_is_no_classifier_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        use_classifier(tmp_path, "2020-01-01-none")
    assert str(error.value) == f"{tmp_path} has no classifier '2020-01-01-none'; it has none"
    assert not (tmp_path / "HISTORY").exists()


# --- with the settings ---


@pytest.mark.parametrize(
    ("configured", "asked_for", "threshold"),
    [
        pytest.param(0.0, 0.0, 0.42, id="no budget: its own threshold"),
        pytest.param(50.0, 0.0, 0.0, id="the configured budget"),
        pytest.param(0.0, 50.0, 0.0, id="the one that is asked for"),
        pytest.param(50.0, 16.0, 0.42, id="the one that is asked for goes first"),
    ],
)
def test_the_classifier_in_use_keeps_the_budget(
    tmp_path: Path, configured: float, asked_for: float, threshold: float
) -> None:
    directory = tmp_path / "classifier"
    save(directory, trained())
    use_classifier(directory, VERSION)
    environ = {"FEEDBACK_TRIAGE_MODELS": str(tmp_path), "FEEDBACK_TRIAGE_MAX_WRONG_PER_100": str(configured)}
    found = classifier_in_use(Settings.from_environ(environ), load_encoder(MODELS), asked_for)
    budget = asked_for or configured
    assert found.threshold == threshold
    assert found.version == (f"{VERSION}-max{budget:g}" if budget else VERSION)


def test_a_classifier_that_is_not_there_and_a_budget_that_it_cannot_keep_are_told(tmp_path: Path) -> None:
    settings = Settings.from_environ({"FEEDBACK_TRIAGE_MODELS": str(tmp_path)})
    with pytest.raises(ModelError, match="no classifier to load"):
        classifier_in_use(settings, load_encoder(MODELS), 5)
    save(tmp_path / "classifier", trained())
    use_classifier(tmp_path / "classifier", VERSION)
    with pytest.raises(SettingError, match="no threshold keeps to 1 wrong labels in 100"):
        classifier_in_use(settings, load_encoder(MODELS), 1)


# --- folders that cannot be used ---


def test_without_a_version_in_use_there_is_nothing_to_load(folder: Path) -> None:
    (folder.parent / "HISTORY").unlink()
    assert refused(folder.parent) == f"{folder.parent} has no classifier to load; run: make train"


@pytest.mark.parametrize(
    "used",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"2020-01-01-none\n", id="a version that is gone"),
        pytest.param(b"\xff\xfe", id="bytes that are no text"),
        pytest.param(b"\x00\n", id="a null byte"),
    ],
)
def test_a_version_in_use_that_cannot_be_followed_is_told(folder: Path, used: bytes) -> None:
    (folder.parent / "HISTORY").write_bytes(used)
    assert refused(folder.parent).endswith("; run: make train")


@pytest.mark.parametrize("name", ["config.json", "metrics.json"])
def test_a_text_file_that_is_gone_is_told(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refused(folder.parent) == f"{folder.parent} has no classifier to load; run: make train"


def test_a_model_that_is_gone_is_told(folder: Path) -> None:
    (folder / "classifier.skops").unlink()
    assert refused(folder.parent) == f"classifier {VERSION} lacks its file classifier.skops; run: make train"


def change(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


@pytest.mark.parametrize("name", ["classifier.skops", "team.safetensors"])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda content: content + b"\x00", id="a byte more"),
        pytest.param(lambda content: content[:-1], id="a byte less"),
        pytest.param(lambda content: bytes([content[0] ^ 1]) + content[1:], id="another bit"),
        pytest.param(lambda content: content[:0], id="nothing"),
    ],
)
def test_a_file_whose_digest_differs_is_refused(tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]) -> None:
    folder = save(tmp_path, replace(trained(), team=TEAM))
    (folder / name).write_bytes(spoil((folder / name).read_bytes()))
    assert refused(tmp_path, VERSION) == (
        f"{name} of classifier {VERSION} is not the file that was saved; run: make train"
    )


def test_a_tuned_file_whose_digest_differs_is_refused(tmp_path: Path, tuned: FeedbackClassifier) -> None:
    folder = save(tmp_path, tuned)
    content = bytearray((folder / "classifier.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "classifier.safetensors").write_bytes(bytes(content))
    assert "is not the file that was saved" in refused(tmp_path, VERSION)


@pytest.mark.parametrize("name", ["../other/classifier.skops", "/etc/passwd", "model.pkl", "README.md", ""])
def test_a_file_name_that_is_not_expected_is_refused_unread(folder: Path, name: str) -> None:
    digest = hashlib.sha256((folder / "README.md").read_bytes()).hexdigest()
    change(folder, files={name: digest})
    assert refused(folder.parent) == f"classifier {VERSION} names the unexpected file {name!r}; run: make train"


def test_a_stranger_under_the_right_digest_is_refused_all_the_same(folder: Path) -> None:
    """Whoever can write the folder can write the digest: the types are looked at besides."""
    content = skops.io.dumps(subprocess.run)
    (folder / "classifier.skops").write_bytes(content)
    change(folder, files={"classifier.skops": hashlib.sha256(content).hexdigest()})
    assert refused(folder.parent).startswith(f"classifier {VERSION} holds types that are not trusted: ")


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b'{"version": "x"', id="broken JSON"),
        pytest.param(b"\xff\xfe\x00", id="bytes that are no text"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="nothing in it"),
        pytest.param(b"[" * 100_000, id="brackets without end"),
    ],
)
@pytest.mark.parametrize("name", ["config.json", "metrics.json"])
def test_a_damaged_text_file_is_told_in_one_line(folder: Path, name: str, config: bytes) -> None:
    (folder / name).write_bytes(config)
    assert refused(folder.parent).endswith("; run: make train")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("threshold", "high", id="a threshold in words"),
        pytest.param("threshold", None, id="a threshold of null"),
        pytest.param("labels", None, id="labels of null"),
        pytest.param("labels", "praise", id="labels that are one word"),
        pytest.param("labels", ["delight"], id="labels that the model does not know"),
        pytest.param("files", {}, id="no file"),
        pytest.param("files", ["classifier.skops"], id="files without digests"),
        pytest.param("files", None, id="files of null"),
        pytest.param("classes", None, id="classes of null"),
        pytest.param("languages", None, id="languages of null"),
        pytest.param("team_labels", ["wish"], id="a team's label without its step"),
    ],
)
def test_a_damaged_value_is_told_in_one_line(folder: Path, name: str, value: Any) -> None:
    change(folder, **{name: value})
    assert refused(folder.parent).endswith("; run: make train")


@pytest.mark.parametrize("name", ["version", "encoder_id", "labels", "classes", "threshold", "languages", "files"])
def test_a_value_that_is_not_there_is_told_in_one_line(folder: Path, name: str) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    del config[name]
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    assert refused(folder.parent).endswith("; run: make train")


def test_a_teams_step_that_does_not_fit_its_labels_is_told(tmp_path: Path) -> None:
    folder = save(tmp_path, replace(trained(), team=TEAM))
    change(folder, team_labels=["wish"])
    assert refused(tmp_path, VERSION) == f"a classifier in {tmp_path} is damaged; run: make train"
