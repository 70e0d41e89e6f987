"""A processor of its own for each worker."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

ONE = """
import os, sys
from pathlib import Path
from api.processor import keep_to_one
os.sched_setaffinity(0, set(map(int, sys.argv[2].split(","))))
print(keep_to_one(Path(sys.argv[1])), sorted(os.sched_getaffinity(0)), sep=";", flush=True)
sys.stdin.read()
"""
TWO = sorted(os.sched_getaffinity(0))[:2] if hasattr(os, "sched_getaffinity") else []
pytestmark = pytest.mark.skipif(not TWO, reason="no process chooses its processor here")
of_two = pytest.mark.skipif(len(TWO) == 1, reason="there is one processor, and nothing to share")


@contextmanager
def worker(where, allowed):
    """A process that keeps to one of some processors; what it says, and the process."""
    command = [sys.executable, "-c", ONE, str(where), ",".join(map(str, allowed))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            kept, runs_on = process.stdout.readline().strip().split(";")
            yield kept, runs_on, process
        finally:
            process.kill()


@of_two
def test_each_has_its_own_and_who_comes_too_late_may_run_on_any(tmp_path):
    with worker(tmp_path, TWO) as first, worker(tmp_path, TWO) as second, worker(tmp_path, TWO) as third:
        assert sorted([first[0], second[0]]) == sorted(map(str, TWO))
        assert first[1] == f"[{first[0]}]"
        assert second[1] == f"[{second[0]}]"
        assert third[:2] == ("None", str(TWO))


@of_two
def test_whoever_takes_the_place_of_one_that_was_killed_has_its_processor(tmp_path):
    with worker(tmp_path, TWO) as first, worker(tmp_path, TWO):
        first[2].kill()
        first[2].wait()
        with worker(tmp_path, TWO) as following:
            assert following[:2] == first[:2]


def test_the_only_one_is_not_chosen(tmp_path):
    with worker(tmp_path, TWO[:1]) as alone:
        assert alone[:2] == ("None", str(TWO[:1]))
        assert not list(tmp_path.iterdir())


@of_two
def test_two_services_keep_no_account_of_each_other(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with worker(here, TWO), worker(here, TWO), worker(there, TWO) as other:
        assert other[0] != "None"
