"""A process beside this one: there again whatever becomes of it."""

import errno
import os
import signal
import time
from multiprocessing.context import SpawnProcess

import pytest

from api.beside import beside


def write_down(path):
    """What the process does: it says who it is, and waits to be ended."""
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    signal.pause()


def pids(path, count):
    end = time.monotonic() + 30
    while True:
        found = path.read_text().split() if path.exists() else []
        if len(found) >= count:
            return [int(one) for one in found]
        assert time.monotonic() < end, found
        time.sleep(0.05)


def test_one_that_is_killed_is_there_again_and_none_outlives_the_block(tmp_path):
    path = tmp_path / "pids"
    with beside("writer", write_down, path):
        os.kill(pids(path, 1)[0], signal.SIGKILL)
        first, second = pids(path, 2)
    for pid in (first, second):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_it_is_tried_again_when_there_was_no_room_for_a_process(tmp_path, monkeypatch):
    starts = []

    def start(process):
        starts.append(process)
        if len(starts) == 1:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        SpawnProcess.__base__.start(process)

    monkeypatch.setattr(SpawnProcess, "start", start)
    with beside("writer", write_down, tmp_path / "pids"):
        pids(tmp_path / "pids", 1)
    assert len(starts) == 2
