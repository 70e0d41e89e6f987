"""What several threads want at one moment is done by one of them for all, and nobody is forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.store.together import Together


class Work:
    """Work that can be held up, and what was done together."""

    def __init__(self):
        self.rounds = []
        self.begun = threading.Event()
        self.may_go_on = threading.Event()

    def __call__(self, wanted):
        self.begun.set()
        assert self.may_go_on.wait(20)
        self.rounds.append(list(wanted))
        if "wrong" in wanted:
            raise ValueError("wrong")
        return [f"did {one}" for one in wanted]


def held_up(pool, together, work, *wanted):
    """One at work, held up, and others that have come meanwhile."""
    first = pool.submit(together.do, "first")
    assert work.begun.wait(20)
    rest = [pool.submit(together.do, one) for one in wanted]
    while len(together._waiting) < len(wanted):
        pass
    work.may_go_on.set()
    return [first, *rest]


def test_who_comes_while_someone_is_at_work_is_done_together_in_the_next_round():
    work = Work()
    with ThreadPoolExecutor(8) as pool:
        got = [done.result(20) for done in held_up(pool, Together(work), work, *range(7))]
    assert got == ["did first", *(f"did {one}" for one in range(7))], "each gets its own"
    first, rest = work.rounds
    assert (first, sorted(rest)) == (["first"], list(range(7)))


def test_what_goes_wrong_in_a_round_is_raised_for_each_of_that_round_and_no_other():
    work = Work()
    together = Together(work)
    with ThreadPoolExecutor(3) as pool:
        first, *rest = held_up(pool, together, work, "wrong", "beside it")
        assert first.result(20) == "did first"
        for done in rest:
            with pytest.raises(ValueError, match="wrong"):
                done.result(20)
    assert together.do("after") == "did after"
    assert work.rounds[-1] == ["after"]


def test_whatever_is_wanted_by_many_threads_is_done_once():
    done = []

    def work(wanted):
        done.extend(wanted)
        return [one * 2 for one in wanted]

    together = Together(work)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(together.do, range(5_000))) == list(range(0, 10_000, 2))
    assert sorted(done) == list(range(5_000))
    assert not together._waiting


def test_work_that_forgets_someone_fails_for_all_of_them_and_leaves_nobody_waiting():
    together = Together(lambda wanted: wanted[1:])
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(together.do, one) for one in range(4)]:
            with pytest.raises(ValueError, match="shorter"):
                done.result(20)
