"""The command `sagsbog` in a process of its own, as people and scripts use it.

Reading the program in takes a second, so most commands are forked from a process that has read it in and done nothing
else (`run`). `start` and `measure` start the installed script from nothing.
"""

import os
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from tests.conftest import MASTER_KEY
from tests.provider import credentials

SAGSBOG = Path(sys.executable).with_name("sagsbog")
_FORKED = get_context("forkserver")
_FORKED.set_forkserver_preload(["api.program", __name__])


class Ran(NamedTuple):
    """How a command went."""

    code: int
    out: str
    err: str


class Measured(NamedTuple):
    """How a command went, and what it took: the seconds and the peak memory of just that process."""

    code: int
    out: str
    err: str
    seconds: float
    peak_kb: int


def environment(url, *arguments, **settings):
    """What a command needs to know, and nothing of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAGSBOG_")}
    told = {"SAGSBOG_DATABASE_URL": url, "SAGSBOG_MASTER_KEY": MASTER_KEY}
    return kept | told | credentials(url, arguments) | settings


def run(url, *arguments, **settings):
    """The command, to its end."""
    told = environment(url, *arguments, **settings)
    out, out_end = _FORKED.Pipe(duplex=False)
    err, err_end = _FORKED.Pipe(duplex=False)
    process = _FORKED.Process(target=_command, args=([*map(str, arguments)], told, out_end, err_end))
    process.start()
    with out, err:
        out_end.close()
        err_end.close()
        said = [open(one.fileno(), encoding="utf-8", closefd=False).read() for one in (out, err)]  # noqa: SIM115
    process.join()
    return Ran(process.exitcode, *said)


def _command(arguments, told, out, err):
    os.environ.clear()
    os.environ.update(told)
    for connection, descriptor, name in ((out, 1, "stdout"), (err, 2, "stderr")):
        os.dup2(connection.fileno(), descriptor)
        setattr(sys, name, open(descriptor, "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    sys.argv = ["sagsbog", *arguments]
    from api import cli  # noqa: PLC0415 - there already, unless the process that is forked was started anew

    cli.main()


def start(url, *arguments, **settings):
    """The real script in a process of its own, which goes on."""
    command, told = [SAGSBOG, *map(str, arguments)], environment(url, *arguments, **settings)
    return subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


def measure(url, *arguments, **settings):
    """The real script, to its end."""
    started = time.monotonic()
    process = start(url, *arguments, **settings)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    return Measured(process.returncode, out, err, time.monotonic() - started, used.ru_maxrss)
