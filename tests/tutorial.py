"""Runs the commands of a document as a reader would, in one shell, so that `export` and `%1` hold for the next one."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
MARKER = "--- step ---"


def follow(document, directory):
    """Runs every console block: each line shown after a command is a piece of what it printed. Says how many there are.

    The service is given a free port, and `curl` is the one of tests/curl.py, so that none need be installed.
    """
    (directory / "api").symlink_to(ROOT / "api")
    text = (ROOT / document).read_text("utf-8").replace("8000", str(free_port()))
    steps = [step for block in BLOCK.findall(text) for step in read_steps(block)]
    outputs = run([command for command, _ in steps], directory)
    for (command, shown), output in zip(steps, outputs, strict=True):
        for piece in shown:
            assert piece.strip() in output, f"after {command!r}:\n{output}"
    return len(steps)


def read_steps(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the lines shown after it."""
    steps: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        elif line.strip():
            steps[-1][1].append(line)
    return steps


def run(commands, directory):
    """What each command printed."""
    curl = directory / "bin/curl"
    curl.parent.mkdir()
    curl.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "tests/curl.py"}" "$@"\n')
    curl.chmod(0o700)
    script = "set -m\n" + "\n".join(f"echo '{MARKER}'\n{{ {command}\n}} 2>&1" for command in commands)
    path = os.pathsep.join([str(curl.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", f"{script}\nwait"], cwd=directory, env={**os.environ, "PATH": path}, capture_output=True,
        text=True, check=True, timeout=300,
    )  # fmt: skip
    return done.stdout.split(MARKER)[1:]


def free_port():
    """A port that nobody listens on just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
