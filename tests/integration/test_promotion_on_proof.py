"""`technoshare prompts promote --if-gate` in a project whose answers depend on nothing but the prompt."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from commands import technoshare

if TYPE_CHECKING:
    from pathlib import Path

CONFTEST = """
from pathlib import Path
from technoshare_commentator.mlops.prompts.fetching import fetch_prompts
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.mlops.tracking import current_run

def pytest_eval_task(variant):
    prompt = fetch_prompts(variant.prompts, load_tracking_settings(), Path("prompts"))["greeting"]

    async def greet(example):
        current_run().tag(prompt_greeting=prompt.label)
        return prompt.render(name=example.input)

    return greet
"""
TEST = """
import pytest
from technoshare_commentator.mlops.evaluation.scorer import scorer

@scorer
def polite(output):
    return "Hello" in output

@scorer
def short(output):
    return len(output) < 20

@pytest.mark.eval(dataset="names.json")
def test_greeting(output, check):
    check(output, polite, short)
"""
NAMES = {
    "name": "names",
    "version": "1",
    "examples": [{"id": name, "input": name} for name in ("ada", "grace", "alan")],
}
GATE = "rules: [pass_rate >= 0.5]\n"
PROMPT = "name: greeting\ndescription: says hello\ntemplate: Hello {{ name }}.\noutput_schema: {}\n"
OTHER = "name: unused\ndescription: nobody uses it\ntemplate: one\noutput_schema: {}\n"


@pytest.fixture
def project(tmp_path: Path, migrated_database: Path) -> Path:
    """A project with its prompts in the registry, version 1 in production."""
    for folder in ("prompts", "evals"):
        (tmp_path / folder).mkdir()
    (tmp_path / "evals" / "conftest.py").write_text(CONFTEST)
    (tmp_path / "evals" / "test_greeting.py").write_text(TEST)
    (tmp_path / "evals" / "names.json").write_text(json.dumps(NAMES))
    (tmp_path / "gate.yaml").write_text(GATE)
    (tmp_path / "pytest.ini").write_text("[pytest]\neval_gate = gate.yaml\neval_experiment = proofs\n")
    (tmp_path / "prompts" / "greeting.yaml").write_text(PROMPT)
    (tmp_path / "prompts" / "unused.yaml").write_text(OTHER)
    shutil.copy(migrated_database, tmp_path / "mlflow.db")
    assert prompts(tmp_path, "sync").returncode == 0
    return tmp_path


def prompts(folder: Path, *arguments: str) -> Any:
    return technoshare("prompts", *arguments, folder=folder, settings={"PROMPTS_DIR": str(folder / "prompts")})


def candidate(folder: Path, template: str) -> None:
    """Write a new version of the prompt and register it."""
    (folder / "prompts" / "greeting.yaml").write_text(PROMPT.replace("Hello {{ name }}.", template))
    assert prompts(folder, "sync").returncode == 0


def shown(folder: Path, reference: str) -> dict[str, Any]:
    return dict(json.loads(prompts(folder, "show", "greeting", reference, "--json").stdout))


def test_a_candidate_that_is_no_worse_is_promoted_with_run_and_figures_on_it(project: Path) -> None:
    candidate(project, "Hello, {{ name }}!")
    done = prompts(project, "promote", "--if-gate", "--", "-n", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "greeting: prod was version 1, is version 2" in done.stdout
    found = shown(project, "prod")
    tags = found["registry_tags"]
    assert found["version"] == 2
    assert (tags["proof.verdict"], tags["proof.pairs"], tags["proof.pass_rate"]) == (
        "may be prod",
        "3",
        "1.0000 -> 1.0000",
    )
    assert (tags["proof.model"], tags["proof.pytest"]) == ("extractive", "-n 0")
    assert json.loads(tags["proof.scores"]) == {"polite": [1.0, 1.0], "short": [1.0, 1.0]}
    assert_the_run_is_linked(project, tags["proof.run_id"])


def assert_the_run_is_linked(project: Path, run_id: str) -> None:
    """The run names both versions, every case's trace its own; MLflow finds the traces by version."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    run = client.get_run(run_id)
    versions = [{"name": "greeting", "version": number} for number in ("1", "2")]
    linked = json.loads(run.data.tags["mlflow.linkedPrompts"])
    assert sorted(linked, key=lambda one: str(one["version"])) == versions
    for number in ("1", "2"):
        traces = client.search_traces(
            locations=[run.info.experiment_id], run_id=run_id, filter_string=f"prompt = 'greeting/{number}'"
        )
        variants = {trace.info.tags["eval.variant"] for trace in traces}
        assert (len(traces), variants) == (3, {"prod" if number == "1" else "candidate"})
        assert all(trace.info.tags["prompt_greeting"].startswith(f"greeting/{number}/") for trace in traces)


def test_a_candidate_that_newly_fails_a_case_is_refused_and_it_says_why_on_it(project: Path) -> None:
    candidate(project, "Hello {{ name }}, my dearest.")
    done = prompts(project, "promote", "greeting", "--if-gate", "--json", "--", "-n", "0")
    assert done.returncode == 3, done.stdout + done.stderr
    (decision,) = json.loads(done.stdout)
    assert (decision["before"], decision["after"]) == (1, 1)
    assert decision["refused"] == [
        "the gate failed: pass_rate >= 0.5 (it is 0)",
        "3 newly failing, 0 allowed: names/ada, names/alan, names/grace",
    ]
    assert "newly failing" in shown(project, "candidate")["registry_tags"]["proof.verdict"]
    assert shown(project, "prod")["version"] == 1


def test_a_prompt_that_the_evaluation_does_not_use_is_not_proved(project: Path) -> None:
    (project / "prompts" / "unused.yaml").write_text(OTHER.replace("one", "two"))
    candidate(project, "Hello, {{ name }}!")
    done = prompts(project, "promote", "--if-gate", "--", "-n", "0", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "greeting: prod was version 1, is version 2" in done.stdout
    assert "unused: prod stays version 1\n  the evaluation did not use unused/2/" in done.stdout
    assert prompts(project, "promote", "unused", "--if-gate", "--", "-n", "0").returncode == 3


def test_an_evaluation_that_cannot_run_moves_nothing(project: Path) -> None:
    candidate(project, "Hello, {{ name }}!")
    (project / "evals" / "test_other.py").write_text("import nothing_of_that_name\n")
    done = prompts(project, "promote", "--if-gate", "--", "-n", "0")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "ended with exit status 2, which proves nothing" in done.stderr
    assert shown(project, "prod")["version"] == 1


def test_a_file_that_cannot_be_collected_is_no_proof_though_workers_run_all_others(project: Path) -> None:
    candidate(project, "Hello, {{ name }}!")
    (project / "evals" / "test_other.py").write_text("import nothing_of_that_name\n")
    done = prompts(project, "promote", "--if-gate", "--", "-n", "2")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "a file that cannot be collected" in done.stdout
    assert shown(project, "prod")["version"] == 1


def test_who_reads_no_prompt_proves_none(project: Path) -> None:
    stage = project / "prompts" / "stage_b_compose_reply.yaml"
    for template in ("Write.", "Insult everybody."):
        stage.write_text(OTHER.replace("unused", "stage_b_compose_reply").replace("one", template))
        assert prompts(project, "sync").returncode == 0
    done = prompts(project, "promote", "--if-gate", "--", "-n", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "stage_b_compose_reply: prod stays version 1\n  'extractive' writes without reading it" in done.stdout
    done = prompts(project, "promote", "stage_b_compose_reply", "--if-gate")
    assert (done.returncode, done.stdout) == (2, "")
    assert "name a model that does with --model" in done.stderr


def test_what_another_team_keeps_there_is_told_and_left_alone(project: Path) -> None:
    by_hand(project, "theirs", "chat", "candidate")
    by_hand(project, "new_of_theirs", "Hello {{ name }}.", "candidate")
    candidate(project, "Hello, {{ name }}!")
    done = prompts(project, "promote", "--if-gate", "--", "-n", "0", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "greeting: prod was version 1, is version 2" in done.stdout
    assert "new_of_theirs: prod stays no version\n  no version that can be used is 'prod'" in done.stdout
    assert "version 1 of the prompt 'theirs' in the registry cannot be used" in done.stderr


def by_hand(folder: Path, name: str, template: str, alias: str) -> None:
    """Make a version in MLflow itself; `chat` stands for a prompt of several messages."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(f"sqlite:///{folder}/mlflow.db", f"sqlite:///{folder}/mlflow.db")
    content: Any = [{"role": "user", "content": "Hi."}] if template == "chat" else template
    version = client.register_prompt(name, content)
    client.set_prompt_alias(name, alias, int(version.version))


def test_what_was_rolled_back_is_tried_again_by_its_name_only(project: Path) -> None:
    candidate(project, "Hello, {{ name }}!")
    assert prompts(project, "promote", "greeting").returncode == 0
    assert prompts(project, "rollback", "greeting").returncode == 0
    held = prompts(project, "promote", "--if-gate", "--", "-n", "0")
    assert held.returncode == 0, held.stdout + held.stderr
    assert "greeting: prod stays version 1\n  version 2 was rolled back at 2" in held.stdout
    assert shown(project, "prod")["version"] == 1
    named = prompts(project, "promote", "greeting", "--if-gate", "--", "-n", "0")
    assert "greeting: prod was version 1, is version 2" in named.stdout
    assert shown(project, "prod")["registry_tags"]["prod.rolled_back"] == ""


def test_with_nothing_that_waits_pytest_is_not_even_started(project: Path) -> None:
    done = prompts(project, "promote", "--if-gate")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == ["greeting: prod is version 1 already", "unused: prod is version 1 already"]
