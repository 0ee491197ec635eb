"""What a session that ran everything did not ask for is told, and deleted when somebody says so; nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat_server import ChatServer, chat_server
from chatting_project import ChattingProject
from commands import technoshare
from foreign_project import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

TWO = ("-n", "2")
HINT = "unused (technoshare evals recordings --prune)"


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as chat:
        yield chat


@pytest.fixture
def talk(tmp_path: Path) -> ChattingProject:
    return ChattingProject(tmp_path / "words").fill()


def recordings(project: ChattingProject, *arguments: str) -> str:
    """What the command prints."""
    home = {"TECHNOSHARE_HOME": str(project.folder / ".home")}
    done = technoshare("evals", "recordings", *arguments, folder=project.folder, settings=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def louder(project: ChattingProject) -> None:
    """Change the task's question, and so everything that its answers are asked about."""
    file = project.folder / "chatting.py"
    file.write_text(file.read_text().replace("You shout.", "You shout loudly."))


def test_only_a_session_that_ran_everything_says_what_is_unused_and_pruning_deletes_just_that(
    talk: ChattingProject, chat: ChatServer
) -> None:
    talk.ask(chat.base_url, *TWO).stdout.no_fnmatch_line("*unused*")
    old = set(talk.recordings)
    assert "15 recordings, 0 unused" in recordings(talk)
    louder(talk)
    talk.ask(chat.base_url, "-k", "short-word").stdout.no_fnmatch_line("*unused*")
    assert recordings(talk, "--prune").startswith("nothing to prune")
    result = talk.ask(chat.base_url, *TWO)
    result.stdout.fnmatch_lines([f"recordings: * {len(old)} {HINT}"])
    assert "30 recordings, 15 unused" in recordings(talk)
    new = set(talk.recordings) - old
    kept = "default/words/two-words/"
    one = next(name for name in sorted(old) if name.startswith(kept))
    (talk.cassettes / one).write_text((talk.cassettes / one).read_text() + "\n")
    said = recordings(talk, "--prune")
    assert said.count("deleted ") == 14
    assert f"kept {one}: it has been written anew since" in said
    assert set(talk.recordings) == new | {one}
    assert recordings(talk, "--prune").startswith("nothing to prune")


def test_what_was_unused_and_is_asked_for_again_is_not_pruned(talk: ChattingProject, chat: ChatServer) -> None:
    talk.ask(chat.base_url)
    old = set(talk.recordings)
    before = (talk.folder / "chatting.py").read_text()
    louder(talk)
    talk.ask(chat.base_url).stdout.fnmatch_lines([f"* 15 {HINT}"])
    (talk.folder / "chatting.py").write_text(before)
    talk.ask(chat.base_url, "-k", "short-word", "--eval-record", "none").assert_outcomes(passed=2)
    assert recordings(talk, "--prune").count("deleted ") == 10
    assert {name for name in old if "short-word" in name} <= set(talk.recordings)
    assert not {name for name in old if "short-word" not in name} & set(talk.recordings)


def test_examples_that_are_gone_leave_their_recordings_and_empty_folders_go_too(
    talk: ChattingProject, chat: ChatServer
) -> None:
    talk.ask(chat.base_url, "--eval-trials", "2")
    talk.dataset(json.loads(json.dumps({**WORDS, "examples": WORDS["examples"][1:]})))
    result = talk.ask(chat.base_url)
    result.stdout.fnmatch_lines([f"recordings: * 10 {HINT}"])  # both trials of the one that is gone
    recordings(talk, "--prune")
    assert sorted(path.name for path in (talk.cassettes / "default/words").iterdir()) == ["long-word", "two-words"]
    assert len(talk.recordings) == 20  # second trials were not asked for today; that says nothing about them


def test_of_a_part_of_the_suite_only_those_who_spoke_in_it_are_judged(talk: ChattingProject, chat: ChatServer) -> None:
    body = (talk.folder / "test_words.py").read_text().replace("words.json", "../words.json")
    (talk.folder / "test_words.py").unlink()
    talk.write("one/test_kind.py", body.replace("loudness, shouted, kindness", "kindness"))
    talk.write("two/test_loud.py", body.replace("loudness, shouted, kindness", "loudness"))
    talk.ask(chat.base_url)
    assert len(talk.recordings) == 15
    talk.ask(chat.base_url, "one").stdout.no_fnmatch_line("*unused*")
    (talk.folder / "two/test_loud.py").unlink()
    talk.ask(chat.base_url).stdout.fnmatch_lines([f"* 9 {HINT}"])
    assert {Path(line).name.split("-")[0] for line in recordings(talk).splitlines()[1:-1]} == {"loudness"}


def test_what_a_failed_test_did_not_come_to_is_not_unused(talk: ChattingProject, chat: ChatServer) -> None:
    talk.ask(chat.base_url)
    body = (talk.folder / "test_words.py").read_text()
    talk.write(
        "test_words.py",
        body.replace("        check(output, loudness", "        assert 'HI' in output\n        check(output, loudness"),
    )
    result = talk.ask(chat.base_url)
    result.stdout.no_fnmatch_line("*unused*")


def test_a_session_that_left_something_out_says_nothing(talk: ChattingProject, chat: ChatServer) -> None:
    talk.ask(chat.base_url)
    louder(talk)
    talk.write("test_first.py", "import pytest\n\n@pytest.mark.eval\ndef test_first(tracked_run):\n    assert 0\n")
    for arguments in (("--eval-rescore",), ("--ignore", "other"), ("-x",), ("test_words.py",), ("--eval-shard", "1/2")):
        talk.ask(chat.base_url, *arguments).stdout.no_fnmatch_line("*unused*")
    assert recordings(talk, "--prune").startswith("nothing to prune")
