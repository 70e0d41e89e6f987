"""Work that is done together: what several threads want at the same moment is done by one of them for all."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Whoever finds nobody at work works for all who wait: so nobody waits longer than two rounds of the work.

    The load makes the rounds; there is no timer, and no thread of its own.
    """

    def __init__(self, work: Callable[[Sequence[T]], Sequence[R]]) -> None:
        """`work` is done for several at once and gives what each gets of it; what it raises is raised for all."""
        self._work = work
        self._turn = Lock()
        self._waiting: list[_Wish[T, R]] = []
        self._someone_works = False

    def do(self, what: T) -> R:
        """What this one gets of the work, once it is done."""
        wish = _Wish[T, R](what)
        with self._turn:
            self._waiting.append(wish)
            leads = not self._someone_works
            self._someone_works = True
        if not leads:
            wish.asleep.acquire()
        if not wish.done:
            self._lead()
        if wish.error:
            raise wish.error
        return cast(R, wish.got)

    def _lead(self) -> None:
        """One round; then the first of those who came meanwhile is woken to lead the next."""
        with self._turn:
            together, self._waiting = self._waiting, []
        error: BaseException | None = None
        try:
            for wish, got in zip(together, self._work([wish.what for wish in together]), strict=True):
                wish.got = got
        except BaseException as failure:  # noqa: BLE001 - each of them raises it
            error = failure
        with self._turn:
            leader = next(iter(self._waiting), None)
            self._someone_works = leader is not None
        for wish in together:
            wish.done, wish.error = True, error
            wish.asleep.release()
        if leader:
            leader.asleep.release()


class _Wish(Generic[T, R]):
    """What one thread wants, and whether it sleeps until that is done or its turn to lead has come."""

    def __init__(self, what: T) -> None:
        self.what = what
        self.got: R | None = None
        self.done = False
        self.error: BaseException | None = None
        self.asleep = Lock()
        self.asleep.acquire()
