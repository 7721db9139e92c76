"""Each flow once under a real Prefect server."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prefect.testing.utilities import prefect_test_harness

from feedback_triage.artifacts import read_config
from feedback_triage.classifier_history import history
from feedback_triage.errors import MissingFileError, ModelError, SettingError
from feedback_triage.pipeline import label_texts
from feedback_triage.taxonomy import LABELS
from tests.conftest import EXAMPLE, ROOT
from tests.support.small_models import make_models

RELEASES = str(EXAMPLE / "releases.csv")


@pytest.fixture(scope="module", autouse=True)
def _server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=180):
        yield


@pytest.fixture
def chat(tmp_path: Path) -> str:
    lines = (EXAMPLE / "feedback" / "chat.jsonl").read_text("utf-8").splitlines()[:40]
    path = tmp_path / "chat.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def test_the_triage_flow_does_the_whole_job(chat: str, home: Path) -> None:
    from flows.triage import triage

    done = triage([chat], RELEASES, with_report=True)
    assert done["ingest"]["n_stored"] == 40
    assert done["label"]["n_labelled"] + done["label"]["n_abstained"] == 40
    assert Path(done["report"]["html"]).is_relative_to(home)
    assert triage([chat], RELEASES)["embed"]["n_embedded"] == 0


def test_the_ingest_and_report_flows_do_their_parts(chat: str, home: Path) -> None:
    from flows.ingest import ingest
    from flows.report import report
    from flows.triage import triage

    assert ingest([chat], RELEASES)["n_releases_changed"] > 50
    triage([chat])
    assert Path(report(as_of="2026-10-19")["html"]).is_relative_to(home)


def test_the_triage_flow_keeps_to_a_budget_of_wrong_labels(chat: str, home: Path) -> None:
    from flows.triage import triage

    free = triage([chat])["label"]
    bound = triage([chat], max_wrong_per_100=40.0)["label"]
    assert bound["classifier_version"] == f"{free['classifier_version']}-max40"
    assert bound["n_labelled"] + bound["n_abstained"] == 40
    with pytest.raises(SettingError, match=r"no threshold keeps to 0\.01"):
        triage([chat], max_wrong_per_100=0.01)


def test_the_train_flow_puts_a_classifier_in_use(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the way that is usual: tuning the encoder, here on few items, since it goes through each many times."""
    from flows.train import train

    models = make_models(tmp_path / "models", per_label=14)
    monkeypatch.setenv("FEEDBACK_TRIAGE_MODELS", str(models))
    done = train(trained_on="2026-01-01")
    assert history(models / "classifier") == [done["version"]]
    assert done["version"].startswith("2026-01-01-")
    assert read_config(models / "classifier")["kind"] == "tuned"
    assert (done["n_gold"], done["n_corrections"], done["is_candidate"]) == (70, 0, False)
    (proposal,) = label_texts(["n/a"])
    assert (proposal.label, set(proposal.probabilities)) == ("silence", set(LABELS))
    with pytest.raises(ModelError, match="review some items first"):
        train(with_reviews=True)
    assert history(models / "classifier") == [done["version"]]


def test_what_a_person_must_mend_is_not_tried_again(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    from flows.ingest import ingest

    caplog.set_level(logging.INFO)
    with pytest.raises(MissingFileError):
        ingest([str(home / "none.csv")])
    assert "retry" not in caplog.text.lower()


def test_no_customer_text_is_in_what_a_flow_returns_or_logs(
    home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from flows.triage import triage

    caplog.set_level(logging.DEBUG)
    marker = "zebracornmarker"
    (tmp_path / "m.csv").write_text(
        f"date,text,title\n2026-09-02,{marker} is broken,{marker}\nnever,{marker},\n", "utf-8"
    )
    done = triage([str(tmp_path / "m.csv")], with_report=True)
    assert done["ingest"]["n_rejected"] == 1
    assert marker not in json.dumps(done) + caplog.text


def test_every_deployment_names_a_flow_with_its_parameters() -> None:
    from importlib import import_module

    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    assert {found["name"] for found in deployments} == {"triage", "monday-digest", "ingest", "train"}
    for deployment in deployments:
        path, name = deployment["entrypoint"].split(":")
        flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
        assert set(deployment.get("parameters", {})) <= set(flow.parameters.properties)
        for schedule in deployment.get("schedules", []):
            assert schedule["timezone"] == "Europe/Berlin"
