"""Each flow once under a real Prefect server."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prefect.testing.utilities import prefect_test_harness

from feedback_triage.errors import MissingFileError
from tests.conftest import EXAMPLE, ROOT

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


def test_the_train_flow_puts_a_classifier_in_use(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from flows.train import train

    models = tmp_path / "models"
    (models / "gold").mkdir(parents=True)
    (models / "encoder.toml").write_bytes((ROOT / "models" / "encoder.toml").read_bytes())
    lines = (ROOT / "models" / "gold" / "labels.csv").read_text("utf-8")
    (models / "gold" / "labels.csv").write_text(_first_items(lines, 60), "utf-8")
    monkeypatch.setenv("FEEDBACK_TRIAGE_MODELS", str(models))
    done = train(trained_on="2026-01-01")
    assert (models / "classifier" / "CURRENT").read_text("utf-8").strip() == done["version"]
    assert done["version"].startswith("2026-01-01-")


def _first_items(gold: str, per_label: int) -> str:
    import csv
    import io
    from collections import Counter

    reader = csv.DictReader(io.StringIO(gold))
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    seen: Counter[str] = Counter()
    for row in reader:
        seen[row["label"]] += 1
        if seen[row["label"]] <= per_label:
            writer.writerow(row)
    return out.getvalue()


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
