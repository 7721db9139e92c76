"""Estimators as archives: equal ones give equal bytes, and nothing unexpected is ever loaded."""

import functools
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import skops.io
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from feedback_triage.errors import ModelError
from feedback_triage.skops_archive import dumps, loads

NAME = "2026-01-02-abcdef01"
_RNG = np.random.default_rng(0)
FEATURES = _RNG.normal(size=(60, 6)).astype(np.float32)
CLASSES = np.array(["praise", "silence", "other"] * 20)


def linear() -> LogisticRegression:
    return LogisticRegression().fit(FEATURES, CLASSES)


def calibrated() -> CalibratedClassifierCV:
    """The kind that `learners` fits."""
    machine = SVC(C=4.0, gamma=1.5, class_weight="balanced", random_state=7)
    return CalibratedClassifierCV(machine, method="sigmoid", cv=3, ensemble=False).fit(FEATURES, CLASSES)


def refused(content: bytes) -> str:
    with pytest.raises(ModelError) as error:
        loads(content, NAME)
    message = str(error.value)
    assert "\n" not in message
    return message


def probabilities(estimator: Any) -> NDArray[np.float64]:
    found: NDArray[np.float64] = estimator.predict_proba(FEATURES)
    return found


# --- there and back ---


@pytest.mark.parametrize("fit", [linear, calibrated])
def test_what_is_dumped_is_what_is_loaded(fit: Callable[[], Any]) -> None:
    before = fit()
    after = loads(dumps(before), NAME)
    assert type(after) is type(before)
    assert np.array_equal(probabilities(after), probabilities(before))


@pytest.mark.parametrize("fit", [linear, calibrated])
def test_equal_estimators_give_equal_bytes(fit: Callable[[], Any]) -> None:
    first, second = fit(), fit()  # both alive, so at different addresses
    assert dumps(first) == dumps(first) == dumps(second)


def test_a_loaded_estimator_is_dumped_as_the_bytes_it_came_from() -> None:
    content = dumps(calibrated())
    assert dumps(loads(content, NAME)) == content


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib, numpy as np; from sklearn.linear_model import LogisticRegression;"
        "from feedback_triage.skops_archive import dumps;"
        "f = np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32);"
        "m = LogisticRegression().fit(f, np.array(['praise', 'silence', 'other'] * 20));"
        "print(hashlib.sha256(dumps(m)).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(dumps(linear())).hexdigest()


def test_another_estimator_gives_other_bytes() -> None:
    assert dumps(LogisticRegression(C=0.1).fit(FEATURES, CLASSES)) != dumps(linear())


def test_an_archive_tells_no_time_and_no_address() -> None:
    with zipfile.ZipFile(io.BytesIO(dumps(calibrated()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())
        schema = archive.read("schema.json").decode()
    json.loads(schema)
    assert max(int(number) for number in re.findall(r'"__id__": (\d+)', schema)) < 1_000


# --- what is damaged ---


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
def test_a_damaged_archive_is_told_in_one_line(content: bytes) -> None:
    assert refused(content) == f"classifier {NAME} is damaged; run: make train"


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_an_archive_that_was_cut_off_is_told_in_one_line(kept: float) -> None:
    content = dumps(linear())
    assert refused(content[: int(len(content) * kept)]) == f"classifier {NAME} is damaged; run: make train"


def test_an_archive_with_one_damaged_byte_is_loaded_or_told_never_a_traceback() -> None:
    """A byte that nothing reads (a flag, a name repeated elsewhere) does no harm; any other is noticed."""
    estimator = linear()
    content, expected = dumps(estimator), probabilities(estimator)
    for position in np.random.default_rng(11).choice(len(content), 100, replace=False):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        try:
            found = loads(bytes(damaged), NAME)
        except ModelError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
        else:
            assert np.array_equal(probabilities(found), expected)


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
def test_an_archive_of_an_unexpected_type_is_refused_by_name(stranger: Any, names: str) -> None:
    message = refused(skops.io.dumps(stranger))
    assert re.fullmatch(f"classifier {NAME} holds types that are not trusted: {names}", message)


def test_a_real_estimator_with_a_stranger_inside_is_refused_and_the_stranger_never_called(
    capsys: pytest.CaptureFixture[str],
) -> None:
    estimator: Any = linear()
    call: Callable[[], None] = functools.partial(print, "it ran")
    estimator.extra_ = call
    assert "functools.partial" in refused(dumps(estimator))
    assert capsys.readouterr().out == ""
