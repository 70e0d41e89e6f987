"""A processor of its own for each worker.

Python runs one thread at a time. Where another thread waits on another processor, each handing over wakes that
processor, often only for it to find that it must wait again: a worker that keeps to one does a third more
(docs/benchmarks.md).
"""

import fcntl
import os
from pathlib import Path
from random import SystemRandom
from typing import IO, Any, Final

_TAKEN: Final[list[IO[Any]]] = []
"""What tells the other workers which processor this process has. The system lets go of it when the process ends."""


def keep_to_one(where: Path) -> int | None:
    """Keeps this process to a processor that no other worker has; says which, None when it may still run on any.

    So it is when each has one already, where there is but one, and on systems that do not let a process choose (macOS).
    It holds for the threads that are started later. `where`: the directory in which the workers of a service tell each
    other which they have.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) == 1:
        return None
    for processor in SystemRandom().sample(allowed, len(allowed)):  # not all services on a machine the same one first
        file = (where / f"processor-{processor}").open("wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.sched_setaffinity(0, {processor})
        except OSError:  # it is another worker's, or the system does not let this process choose
            file.close()
        else:
            _TAKEN.append(file)
            return processor
    return None
