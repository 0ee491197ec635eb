"""Model calls of a session: recorded once, replayed without network or key, whoever asks."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from chat_server import API_KEY, ChatServer, chat_server
from chatting_project import ChattingProject
from rich_project import RichRun
from shared_run import heard, once, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAYS: dict[str, tuple[str, ...]] = {"plain": (), "n0": ("-n", "0"), "n2": ("-n", "2")}
REQUESTS = 3 * (1 + 3 + 1)  # for each example: the task, three votes, the other judge
REPLAY = ("--eval-record", "none")


def fickle(chat: ChatServer) -> None:
    """Let no two answers of the server be the same."""
    numbers = itertools.count(1)
    chat.answer = lambda request: f"{request['messages'][-1]['content'].upper()} {next(numbers)}"


@dataclass
class Taped:
    """A project whose session was recorded, and then replayed with its server gone."""

    project: ChattingProject
    server: dict[str, Any]
    scores: list[list[tuple[Any, ...]]]
    rows: list[dict[str, Any]]
    outcomes: list[pytest.RunResult]


def tape(folder: Path, arguments: tuple[str, ...]) -> list[Any]:
    project = ChattingProject(folder / "words").fill()
    with chat_server() as chat:
        fickle(chat)
        chat.seconds = 0.15
        outcomes = [project.ask(chat.base_url, *arguments)]
        server = {"requests": len(chat.requests), "keys": sorted(set(chat.keys)), "at_once": chat.most_at_once}
        url = chat.base_url
    scores = [project.scores]
    outcomes.append(project.ask(url, *REPLAY, *arguments, key=""))
    scores.append(project.scores)
    return [server, scores, project.results["cases"], [told(outcome) for outcome in outcomes]]


@pytest.fixture(scope="module", params=list(WAYS))
def taped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Taped:
    way: str = request.param
    folder, found = once(tmp_path_factory, f"taped-{way}", lambda folder: tape(folder, WAYS[way]))
    server, scores, rows, outcomes = found
    return Taped(ChattingProject(folder / "words"), server, scores, rows, list(map(heard, outcomes)))


def test_every_request_is_sent_once_and_recorded_in_a_file_of_its_own(taped: Taped) -> None:
    assert taped.server["requests"] == REQUESTS
    assert len(taped.project.recordings) == REQUESTS
    taped.outcomes[0].assert_outcomes(passed=6)
    taped.outcomes[0].stdout.fnmatch_lines([f"recordings: 3 replayed, {REQUESTS} recorded"])  # one judge is asked twice
    names = [name.rpartition("-")[0].rpartition("-")[0] for name in taped.project.recordings]
    folder = "default/words/short-word"
    assert sorted(name for name in names if name.startswith(folder)) == [
        f"{folder}/kindness",
        *[f"{folder}/loudness"] * 3,
        f"{folder}/task",
    ]


def test_a_replay_needs_neither_server_nor_key_and_gives_the_same_scores(taped: Taped) -> None:
    taped.outcomes[1].assert_outcomes(passed=6)
    taped.outcomes[1].stdout.fnmatch_lines([f"recordings: {REQUESTS + 3} replayed"])
    recorded, replayed = taped.scores
    assert replayed == recorded
    assert len(recorded) == 3 * 4
    votes = [rationale.split(" / ") for _, _, name, *_, rationale in recorded if name == "loudness"]
    assert [len(set(said)) for said in votes] == [3, 3, 3]  # the same question three times, and three answers


def test_judges_and_their_votes_wait_together(taped: Taped) -> None:
    assert taped.server["at_once"] >= 4


def test_no_key_and_no_cookie_is_in_a_recording(taped: Taped) -> None:
    assert taped.server["keys"] == [f"Bearer {API_KEY}"]
    files = list(taped.project.cassettes.rglob("*"))
    content = "".join(file.read_text() for file in files if file.is_file())
    assert API_KEY not in content
    assert "cookie" not in content.lower()
    assert "authorization" not in content.lower()


def test_no_draft_is_left_behind(taped: Taped) -> None:
    assert {file.suffix for file in taped.project.cassettes.rglob("*") if file.is_file()} == {".json"}
    assert not [file for file in taped.project.cassettes.rglob(".*") if file.is_file()]


def test_what_judging_cost_and_what_was_replayed_are_shown_apart(taped: Taped) -> None:
    total, judges = 0.05 * (REQUESTS + 3), 0.05 * (REQUESTS + 3 - 3)
    taped.outcomes[0].stdout.fnmatch_lines([f"cost ${total:.4f}, of which judges ${judges:.4f} and replayed $0.1500 *"])
    taped.outcomes[1].stdout.fnmatch_lines(
        [f"cost ${total:.4f}, of which judges ${judges:.4f} and replayed ${total:.4f} *"]
    )


def test_a_replayed_case_says_so(taped: Taped) -> None:
    assert {row["run_tags"]["replayed"] for row in taped.rows} == {"all"}
    assert [row["judge_cost_usd"] for row in taped.rows] == pytest.approx([0.25] * 3)


# One project, several sessions


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as chat:
        fickle(chat)
        yield chat


@pytest.fixture
def talk(tmp_path: Path) -> ChattingProject:
    return ChattingProject(tmp_path / "words").fill()


def test_what_is_missing_is_told_with_what_differs_and_how_to_record_it(
    talk: ChattingProject, chat: ChatServer
) -> None:
    talk.write("variants.yaml", "small: {model: small}\nlarge: {model: large}\n")
    talk.write("pytest.ini", (talk.folder / "pytest.ini").read_text() + "eval_variants = variants.yaml\n")
    only = ("--eval-variant", "large", "-k", "short-word and judged", "-n", "2")
    talk.ask(chat.base_url, *only)
    asked = chat.connections
    talk.write("chatting.py", (talk.folder / "chatting.py").read_text().replace("You shout.", "You whisper."))
    result = talk.ask(chat.base_url, *only, CI="true")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert chat.connections == asked
    command = "pytest . -k short-word --eval-variant large --eval-record new"
    difference = "messages?0?.content ('You shout.' is now 'You whisper.')"
    result.stdout.fnmatch_lines(
        [
            f"'words/short-word' asks a model what is not recorded; record it with: {command}",
            "  variant 'large', asked by task: POST chat/completions",
            f"  the nearest recording, large/words/short-word/task-*-1.json, differs in: {difference}",
            "  nothing was sent, as --eval-record is none",
        ]
    )
    result.stdout.no_fnmatch_line("*traceback entries are hidden*")
    result.stdout.no_fnmatch_line("*openai*")


def test_a_judge_without_a_recording_is_an_error_and_not_a_zero(talk: ChattingProject, chat: ChatServer) -> None:
    talk.ask(chat.base_url)
    for file in talk.cassettes.glob("default/words/two-words/loudness-*-3.json"):
        file.unlink()
    asked = len(chat.requests)
    result = talk.ask(chat.base_url, *REPLAY)
    result.assert_outcomes(passed=5, failed=1)
    assert len(chat.requests) == asked
    (bad,) = [score for row in talk.results["cases"] for score in row["scores"] if score["error"]]
    assert (bad["name"], bad["value"]) == ("loudness", None)
    assert "2 of the same are recorded, and this is one more" in bad["error"]
    assert "pytest . -k two-words --eval-record new" in bad["error"]
    assert talk.ask(chat.base_url).ret == 0
    assert len(chat.requests) == asked + 1


def test_what_a_pipeline_would_swallow_is_an_error_all_the_same(talk: ChattingProject, chat: ChatServer) -> None:
    talk.write(
        "conftest.py",
        """
        import asyncio
        import chatting

        def pytest_eval_task(config, variant):
            async def shout(example):
                (answer,) = await asyncio.gather(chatting.ask(example.text), return_exceptions=True)
                return "NOTHING" if isinstance(answer, BaseException) else answer
            return shout
        """,
    )
    result = talk.ask(chat.base_url, "-k", "short-word", *REPLAY)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*nothing is recorded of it in '*/cassettes/default/words/short-word'"])
    assert chat.connections == 0


def test_another_endpoint_replays_the_same_and_all_records_anew(talk: ChattingProject, chat: ChatServer) -> None:
    talk.ask(chat.base_url, "-k", "short-word and judged")
    before = {name: (talk.cassettes / name).read_text() for name in talk.recordings}
    talk.ask("http://127.0.0.1:9/gateway/v1", "-k", "short-word and judged", *REPLAY).assert_outcomes(passed=1)
    result = talk.ask(chat.base_url, "-k", "short-word", "--eval-record", "all")
    result.assert_outcomes(passed=2)
    # The task's answer is another, so judges ask something else; what is asked twice in a session is recorded once.
    result.stdout.fnmatch_lines(["recordings: 1 replayed, 5 recorded"])
    (task,) = [name for name in talk.recordings if "/task-" in name]
    assert (talk.cassettes / task).read_text() != before[task]
    scores = talk.scores
    talk.ask(chat.base_url, "-k", "short-word", *REPLAY).assert_outcomes(passed=2)
    assert talk.scores == scores


def test_what_a_server_says_of_the_moment_is_not_recorded(talk: ChattingProject, chat: ChatServer) -> None:
    chat.statuses = [429, 503]
    result = talk.ask(chat.base_url, "-k", "short-word and judged")
    result.assert_outcomes(passed=1)
    assert len(chat.requests) == 7
    assert len(talk.recordings) == 5
    assert {json.loads((talk.cassettes / name).read_text())["response"]["status"] for name in talk.recordings} == {200}
    chat.statuses = [401]
    result = talk.ask(chat.base_url, "-k", "long-word and judged")
    result.stdout.fnmatch_lines(["*AuthenticationError*"])
    assert len(talk.recordings) == 5


def test_a_refusal_of_the_request_itself_is_recorded(talk: ChattingProject, chat: ChatServer) -> None:
    chat.statuses = [400]
    talk.ask(chat.base_url, "-k", "short-word and judged").stdout.fnmatch_lines(["*BadRequestError*"])
    result = talk.ask(chat.base_url, "-k", "short-word and judged", *REPLAY)
    result.stdout.fnmatch_lines(["*BadRequestError*status 400*"])
    assert len(chat.requests) == 1


def test_trials_have_recordings_of_their_own(talk: ChattingProject, chat: ChatServer) -> None:
    arguments = ("--eval-trials", "3", "-k", "short-word and kind")
    talk.ask(chat.base_url, *arguments).assert_outcomes(passed=3)
    folder = "default/words/short-word"
    places = {name.rpartition("/")[0] for name in talk.recordings}
    assert places == {folder, f"{folder}/trial-2", f"{folder}/trial-3"}
    scores = talk.scores
    talk.ask(chat.base_url, *arguments, *REPLAY).assert_outcomes(passed=3)
    assert talk.scores == scores


def test_a_replay_does_not_wait_for_the_rate_nor_spend_the_budget(talk: ChattingProject, chat: ChatServer) -> None:
    words = [{"id": f"w{number:03}", "text": f"word {number}"} for number in range(100)]
    talk.dataset({"name": "words", "examples": words})
    talk.ask(chat.base_url, "-k", "kind").assert_outcomes(passed=100)
    talk.write("gate.yaml", "max_cost_usd: 0.06\n")
    limits = ("--eval-rate", "6", "--eval-gate", "gate.yaml")
    result = talk.ask(chat.base_url, "-k", "kind", *limits, *REPLAY)
    assert result.ret == 0
    result.assert_outcomes(passed=100)
    result.stdout.fnmatch_lines(
        ["*max_cost_usd: 0 <= 0.06 — passed", "cost $10.0000, of which judges $5.0000 and replayed $10.0000 *"]
    )
    assert result.duration < 10  # at six requests a minute it would be twenty minutes


def test_judges_count_in_the_budget(talk: ChattingProject, chat: ChatServer) -> None:
    chat.seconds = 0.1
    words = [{"id": f"w{number:02}", "text": f"word {number}"} for number in range(12)]
    talk.dataset({"name": "words", "examples": words})
    talk.write("gate.yaml", "max_cost_usd: 0.8\n")  # the tasks alone cost 0.6
    result = talk.ask(chat.base_url, "--eval-gate", "gate.yaml", "--eval-concurrency", "1", "-k", "judged")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*not run, the budget is spent"])


def test_scoring_anew_replays_judges_and_calls_no_task(talk: ChattingProject, chat: ChatServer) -> None:
    talk.ask(chat.base_url)
    scores, asked = talk.scores, len(chat.requests)
    result = talk.ask(chat.base_url, "--eval-rescore", *REPLAY)
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["recordings: 15 replayed"])
    assert talk.scores == scores
    assert len(chat.requests) == asked


def test_a_file_that_is_no_recording_is_named(talk: ChattingProject, chat: ChatServer) -> None:
    talk.ask(chat.base_url, "-k", "short-word and kind")
    (task,) = [name for name in talk.recordings if "/task-" in name]
    (talk.cassettes / task).write_text("<<<<<<< ours")
    result = talk.ask(chat.base_url, "-k", "short-word and kind", *REPLAY)
    result.stdout.fnmatch_lines(
        [f"*{task}' is no recording, for it is no JSON: *restore it from git, or delete it and record it anew*"]
    )


def test_a_test_that_asks_by_itself_is_recorded_under_its_own_name(talk: ChattingProject, chat: ChatServer) -> None:
    talk.write(
        "test_words.py",
        """
        import asyncio, os, pytest, chatting
        from openai import OpenAI
        from technoshare_commentator.mlops.evaluation.recording import client

        @pytest.mark.eval
        def test_by_hand(tracked_run):
            blocking = OpenAI(base_url=os.environ["CHAT_URL"], api_key="unused", http_client=client())
            messages = [{"role": "user", "content": "one"}]
            answer = blocking.chat.completions.create(model="small", messages=messages)
            assert answer.choices[0].message.content.startswith("ONE")
            assert asyncio.run(chatting.ask("two")).startswith("TWO")
        """,
    )
    talk.ask(chat.base_url).assert_outcomes(passed=1)
    assert len(talk.recordings) == 2
    talk.ask(chat.base_url, *REPLAY).assert_outcomes(passed=1)
    assert len(chat.requests) == 2


def test_in_a_replay_an_evaluation_sends_nothing_outside_of_cases_either_and_other_tests_are_left_alone(
    talk: ChattingProject, chat: ChatServer
) -> None:
    talk.write(
        "test_words.py",
        """
        import threading, pytest, asyncio, chatting
        found = []

        def ask():
            try:
                asyncio.run(chatting.ask("hello"))
            except BaseException as error:
                found.append(str(error))

        @pytest.mark.eval
        def test_in_a_thread_without_context(tracked_run):
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join()
            assert "belongs to no case" in found[0]

        def test_that_is_no_evaluation():
            assert asyncio.run(chatting.ask("hello there")).startswith("HELLO THERE")
        """,
    )
    talk.ask(chat.base_url, *REPLAY).assert_outcomes(passed=2)
    assert [request["messages"][-1]["content"] for request in chat.requests] == ["hello there"]


def test_mlflow_holds_what_judges_said_under_the_trace_of_their_case(talk: ChattingProject, chat: ChatServer) -> None:
    wanted = ("-k", "judged", "--eval-experiment", "words_eval", "-n", "2")
    result = talk.ask(chat.base_url, *wanted, MLFLOW_ENABLE_TRACKING="true")
    result.stdout.fnmatch_lines(["MLflow: one run in experiment 'words_eval', 3 traces"])
    traces = RichRun(talk, result).store["traces"]
    assert len(traces) == 3
    for trace in traces:
        example = trace["tags"]["eval.example_id"]
        children = [(span["parent"], span["name"], span["type"]) for span in trace["spans"]]
        assert sorted(map(str, children)) == sorted(
            map(
                str,
                [
                    (None, example, "CHAIN"),
                    (example, "chat", "LLM"),
                    (example, "kindness", "EVALUATOR"),
                    (example, "loudness", "EVALUATOR"),
                    ("kindness", "chat", "LLM"),
                    *[("loudness", "chat", "LLM")] * 3,
                ],
            )
        )
        said = {one["assessment_name"]: one for one in trace["assessments"]}
        assert {name: one["source"]["source_type"] for name, one in said.items()} == {
            "kindness": "LLM_JUDGE",
            "loudness": "LLM_JUDGE",
            "shouted": "CODE",
        }
        used = said["loudness"]["metadata"]
        assert float(used["mlflow.assessment.judgeCost"]) == pytest.approx(0.15)
        assert (used["mlflow.assessment.judgeInputTokens"], used["mlflow.assessment.judgeOutputTokens"]) == ("30", "15")
        assert trace["usage"][0]["total_tokens"] == 75


def test_an_unknown_mode_is_a_usage_error(talk: ChattingProject) -> None:
    result = talk.ask("http://127.0.0.1:9/v1", "--eval-record", "some")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--eval-record*some*none*new*all*"])
