"""A job as production records it, shipped: everything is where somebody who opens MLflow would look for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from job_records import JOB_TAGS, SPANS, STAGES, add, job_record
from mlflow_store import contents
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Receipt, Spool

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.records import RunRecord

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def ship(spool: Spool, store: str) -> list[Receipt]:
    shipper = Shipper(spool, store, lambda: open_mlflow(store))
    receipts = list(shipper.ship_pending())
    assert (shipper.tally.error, shipper.tally.set_aside) == ("", 0)
    return receipts


@pytest.fixture
def shipped(store: str, tmp_path: Path) -> tuple[RunRecord, Receipt, dict[str, Any]]:
    """The record, where it went, and what the store holds afterwards."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    record, spool, experiment = job_record(), Spool(tmp_path / "spool"), f"jobs {tmp_path.name}"
    add(spool, record, experiment, store)
    (receipt,) = ship(spool, store)
    assert spool.pending() == []
    assert spool.receipt(record.key) == receipt
    add(spool, record, experiment, store)  # as when the shipper is killed before it can remove the file
    (again,) = ship(spool, store)
    assert again == receipt
    return record, receipt, contents(MlflowClient(store), experiment)


def test_everything_of_a_job_arrives_once(shipped: tuple[RunRecord, Receipt, dict[str, Any]]) -> None:
    record, receipt, found = shipped
    runs = {run["name"]: run for run in found["runs"]}
    assert sorted(run["name"] for run in found["runs"]) == sorted(["job_J1", *STAGES])
    check_runs(record, runs)
    (trace,) = found["traces"]
    check_trace(record, trace)
    check_assessments(record, trace)
    assert receipt.trace_count == 1


def check_runs(record: RunRecord, runs: dict[str, dict[str, Any]]) -> None:
    job = runs["job_J1"]
    assert job["parent"] is None
    assert job["tags"].items() >= JOB_TAGS.items()
    assert job["datasets"] == [
        ["technoshare", "0123456789ab", json.dumps({"path": "evals/datasets/technoshare.json", "version": "3"})]
    ]
    for child in record.children:
        assert runs[child.name]["parent"] == record.key
    for one in record.walk():
        stored = runs[one.name]
        assert stored["key"] == one.key
        assert stored["status"] == "FINISHED"
        assert one.end_ns is not None
        assert stored["times"] == [one.start_ns // 1_000_000, one.end_ns // 1_000_000]
        assert stored["params"] == one.params
        assert stored["artifacts"] == one.artifacts
        assert stored["tags"].items() >= one.tags.items()
        moment = one.end_ns // 1_000_000
        assert stored["metrics"] == {name: [[repr(value), moment, 0]] for name, value in one.metrics.items()}
        assert "latency_seconds" in stored["metrics"]


def check_trace(record: RunRecord, trace: dict[str, Any]) -> None:
    assert trace["id"] == f"tr-{record.traces[0].trace_id}"
    assert trace["run"] == record.key
    assert trace["state"].endswith("OK")
    assert trace["tags"]["mlflow.traceName"] == "job_J1"
    assert trace["tags"]["eval.example_id"] == "arxiv-1"
    assert trace["metadata"]["mlflow.trace.session"] == "session-1"
    # The call of the model is part of its stage and counts once.
    assert trace["usage"][0] == {"input_tokens": 1200, "output_tokens": 300, "total_tokens": 1500}
    assert trace["usage"][1]["total_cost"] == pytest.approx(0.0042)
    assert json.loads(trace["previews"][0])["text"] == "look: “ünïcode” 🔎"
    assert {span["name"]: (span["parent"], span["type"]) for span in trace["spans"]} == SPANS
    spans = {span["name"]: span["attributes"] for span in trace["spans"]}
    assert spans["job_J1"]["mlflow.spanOutputs"] == {"outcome": "gate_failed"}
    assert spans["fetch_page"]["mlflow.spanInputs"] == {"url": "https://example.com/more"}
    assert spans["chat small-model"]["mlflow.spanInputs"] == [{"role": "user", "content": "write"}]
    assert spans["chat small-model"]["mlflow.spanOutputs"] == {"role": "assistant", "content": "written"}
    assert spans["chat small-model"]["mlflow.chat.tokenUsage"] == {
        "input_tokens": 200,
        "output_tokens": 100,
        "total_tokens": 300,
    }
    assert spans["chat small-model"]["mlflow.llm.cost"] == {"total_cost": 0.0002}
    assert spans["chat small-model"]["mlflow.llm.model"] == "small-model"
    times = {span["name"]: span["times"] for span in trace["spans"]}
    for span in record.traces[0].spans:
        assert times[span.name] == [span.start_ns, span.end_ns]


def check_assessments(record: RunRecord, trace: dict[str, Any]) -> None:
    found = {one["assessment_name"]: one for one in trace["assessments"]}
    assert len(trace["assessments"]) == len(found) == 4
    assert found["tldr_sentence_count"]["feedback"]["value"] is True
    assert found["tldr_sentence_count"]["rationale"] == "exactly 3"
    assert found["brevity"]["feedback"]["value"] == 0.25
    assert found["brevity"]["source"] == {"source_type": "LLM_JUDGE", "source_id": "judge/1"}
    assert found["theme"]["feedback"]["value"] == "LLMOps"
    assert found["theme"]["metadata"] == {"case": "arxiv-1"}
    assert found["grounded"]["feedback"]["error"]["error_message"] == "ZeroDivisionError: division by zero"
    for assessment in record.traces[0].assessments:
        stored = found[assessment.name]
        assert stored["assessment_id"] == f"a-{assessment.key}"
        assert stored["span_id"] == record.traces[0].root.span_id
        assert stored["run"] == record.key
