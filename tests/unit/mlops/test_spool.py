"""The spool: whole records or none, one shipper at a time, nothing lost on the way."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.mlops.spool import Receipt, Spool

if TYPE_CHECKING:
    from pathlib import Path

RECEIPT = Receipt("k1", "job_1", experiment_id="1", run_id="r1", tracking_uri="http://127.0.0.1:5000", end_ns=10)


# A process that has to wait for a lock says so first.
SAYS_WHEN_IT_WAITS = """
import fcntl
from technoshare_commentator.mlops.spool import *

flock = fcntl.flock
def telling(file, how):
    try:
        flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waits", flush=True)
        flock(file, how)
fcntl.flock = telling
"""


def python(script: str, *arguments: str) -> subprocess.Popen[str]:
    code = SAYS_WHEN_IT_WAITS + textwrap.dedent(script)
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_records_come_out_as_they_went_in_and_oldest_first(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "not" / "there" / "yet")
    contents = [f'{{"n": {number}}}'.encode() for number in range(5)]
    written = [spool.append(f"key{9 - number}", content) for number, content in enumerate(contents)]
    assert spool.pending() == written
    for path, content in zip(spool.pending(), contents, strict=True):
        with spool.claim(path) as claimed:
            assert claimed == content


def test_nobody_else_can_read_a_record(tmp_path: Path) -> None:
    path = Spool(tmp_path).append("k1", b"{}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


CRASH_WHILE_WRITING = """
    import os, signal, sys
    real = os.fsync
    def killed(descriptor):
        if killed.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        killed.left -= 1
        real(descriptor)
    killed.left = int(sys.argv[2])
    os.fsync = killed
    Spool(Path(sys.argv[1])).append("second", b'{"n": 2}' * 1000)
"""


@pytest.mark.parametrize(("syncs", "records"), [(0, 1), (1, 2)], ids=["before the rename", "after the rename"])
def test_a_crash_while_writing_leaves_a_whole_record_or_none(tmp_path: Path, syncs: int, records: int) -> None:
    spool = Spool(tmp_path)
    spool.append("first", b'{"n": 1}')
    with python(CRASH_WHILE_WRITING, str(tmp_path), str(syncs)) as process:
        assert process.wait(20) == -signal.SIGKILL
    contents = [path.read_bytes() for path in spool.pending()]
    assert contents == [b'{"n": 1}', b'{"n": 2}' * 1000][:records]
    spool.append("third", b'{"n": 3}')
    assert spool.status().pending == records + 1


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    spool = Spool(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        spool.append("k1", b"{}")
    assert list((tmp_path / "pending").iterdir()) == []


CLAIM = """
    import sys
    with Spool(Path(sys.argv[1])).claim(Path(sys.argv[2])) as content:
        print(content, flush=True)
        sys.stdin.readline()
        if sys.argv[3] == "finish" and content is not None:
            Path(sys.argv[2]).unlink()
"""


@pytest.mark.parametrize(("end", "second_gets"), [("finish", "None"), ("leave", "b'{}'")])
def test_of_two_processes_one_holds_a_record_and_the_other_waits_for_its_turn(
    tmp_path: Path, end: str, second_gets: str
) -> None:
    path = Spool(tmp_path).append("k1", b"{}")
    with python(CLAIM, str(tmp_path), str(path), end) as first:
        assert next_line(first) == "b'{}'"
        with python(CLAIM, str(tmp_path), str(path), "leave") as second:
            assert next_line(second) == "waits"
            first.communicate("\n", timeout=20)
            assert second.communicate("\n", timeout=20)[0] == f"{second_gets}\n"


def test_a_claim_ends_with_the_process_that_held_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    path = spool.append("k1", b"{}")
    with python(CLAIM, str(tmp_path), str(path), "leave") as holder:
        assert next_line(holder) == "b'{}'"
        holder.kill()
        holder.wait(20)
        with spool.claim(path) as content:
            assert content == b"{}"


def test_a_record_set_aside_is_out_of_the_way_with_its_reason_beside_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    path = spool.append("k1", b"{}")
    kept = spool.set_aside(path, "the store refuses it: \ud83d")
    assert (kept.read_bytes(), kept.name) == (b"{}", path.name)
    reason = kept.with_name(f"{kept.name}.reason.txt")
    assert reason.read_text(encoding="utf-8") == "the store refuses it: ?\n"
    assert spool.pending() == []
    assert (spool.status().pending, spool.status().set_aside) == (0, 1)
    with spool.claim(path) as content:
        assert content is None


def test_a_shipped_record_leaves_a_receipt_and_clears_the_last_error(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    path = spool.append("k1", b"{}")
    spool.failed("the server was down")
    assert spool.status().last_error == spool.last_error == "the server was down"
    assert spool.seconds_since_failure() < 20
    spool.shipped(path, RECEIPT)
    assert spool.pending() == []
    assert spool.receipt("k1") == RECEIPT
    assert spool.receipt("job_1") is None
    assert spool.last_error == ""
    assert spool.seconds_since_failure() == float("inf")


def test_the_last_receipt_counts_and_half_a_line_of_a_killed_shipper_does_not(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.shipped(spool.append("k1", b"{}"), RECEIPT)
    with (tmp_path / "shipped.jsonl").open("a") as file:
        file.write('{"key": "k1", "name": "jo\n')
    assert spool.receipt("k1") == RECEIPT


def test_the_receipt_of_a_part_is_not_that_of_the_run_and_each_end_of_a_run_has_its_own(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    part, again = replace(RECEIPT, end_ns=None), replace(RECEIPT, end_ns=20)
    spool.shipped(spool.append("k1", b"{}"), part)
    assert (part.is_final, spool.receipt("k1")) == (False, None)
    for receipt in (RECEIPT, part, again, part):
        spool.shipped(spool.append("k1", b"{}"), receipt)
    assert spool.receipt("k1") == again
    assert [spool.receipt("k1", end_ns=moment) for moment in (10, 20, 30)] == [RECEIPT, again, None]


def test_an_empty_spool_says_so_without_making_anything(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    state = spool.status()
    assert (state.directory, state.pending, state.set_aside, state.last_error) == (str(tmp_path / "spool"), 0, 0, "")
    assert spool.receipt("k1") is None
    assert list(tmp_path.iterdir()) == []


def test_a_status_is_plain_data(tmp_path: Path) -> None:
    state = Spool(tmp_path).status()
    assert json.loads(json.dumps(vars(state)))["pending"] == 0


LOCK = """
    import sys
    with Spool(Path(sys.argv[1])).store_lock(sys.argv[2]):
        print("held", flush=True)
        sys.stdin.readline()
"""


def test_a_store_is_locked_for_one_process_and_other_stores_are_not(tmp_path: Path) -> None:
    with python(LOCK, str(tmp_path), "http://user:one@host:5000") as first:
        assert next_line(first) == "held"
        with python(LOCK, str(tmp_path), "http://user:another@host:5000") as same:
            assert next_line(same) == "waits"
            with python(LOCK, str(tmp_path), "http://other:5000") as other:
                assert other.communicate("\n", timeout=20)[0] == "held\n"
            first.communicate("\n", timeout=20)
            assert same.communicate("\n", timeout=20)[0] == "held\n"
    assert "one" not in " ".join(path.name for path in tmp_path.iterdir())


def test_what_was_set_aside_can_be_tried_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    paths = [spool.append(key, b"{}") for key in ("k1", "k2")]
    spool.set_aside(paths[0], "too odd")
    assert spool.retry() == 1
    assert spool.pending() == paths
    assert (spool.status().pending, spool.status().set_aside) == (2, 0)
    assert list((tmp_path / "set_aside").iterdir()) == []
    assert spool.retry() == 0
