"""An import that is killed: every case is whole or absent, and running it again completes the rest."""

import json
import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from api.demo import SAMPLES
from ledger.store.books import Books
from replay.verify import verify
from tests.command import measure, run, start
from tests.conftest import MASTER_KEY
from tests.test_import import a_case, note, payment, sample

CASES = 100
KILLS = 2


def renumbered(case, number):
    """The same case under another number."""
    case["case"]["case_number"] = case["events"][0]["data"]["case_number"] = number
    return case


def write_cases(path, count, first=0):
    """A .jsonl of many cases: most of them small, every tenth one of the samples. Gives the entries by number."""
    samples = [json.dumps(sample(name)) for name in SAMPLES]
    expected = {}
    with path.open("w", encoding="utf-8") as file:
        for index in range(first, first + count):
            number = f"MANGE-{index:05}"
            if index % 10 == 0:
                case = renumbered(json.loads(samples[index // 10 % 2]), number)
            else:
                case = a_case(note(), *(payment(f"b{one}") for one in range(index % 25)), number=number)
            expected[number] = len(case["events"])
            file.write(json.dumps(case, ensure_ascii=False) + "\n")
    return expected


def kept(url):
    """The entries there are, by case number; and what verification finds wrong."""
    with Books(url, lambda: datetime.now(UTC), MASTER_KEY) as books:
        found, faults = Counter(), []
        for book in books.existing():
            faults += verify(book).faults
            for case_id in book.cases():
                entries = book.entries(case_id)
                found[entries[0].fact.case_number] += len(entries)
        return dict(found), faults


def kill_when(process, url, at_least):
    """Kills as soon as so many cases are there: in the middle of whatever it is doing then."""
    seen = 0
    while process.poll() is None and seen < at_least:
        line = process.stdout.readline()
        seen += bool(line)
    time.sleep(random.random() / 50)  # noqa: S311
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, f"the import in {url} ended before it was killed"


def test_an_import_that_is_killed_leaves_whole_cases_and_is_completed_by_running_it_again(database_url, tmp_path):
    path = tmp_path / "mange.jsonl"
    expected = write_cases(path, CASES)
    there = 0
    for turn in range(KILLS):
        kill_when(start(database_url, "import", path), database_url, CASES // 4 * (turn + 1))
        found, faults = kept(database_url)
        assert faults == []
        assert found.items() <= expected.items(), "a case is there in part"
        assert there < len(found) < CASES
        there = len(found)
    rest = run(database_url, "import", path)
    assert (rest.code, rest.err) == (0, "")
    assert rest.out.count(": 0 tilføjet") == there
    assert kept(database_url) == (expected, [])
    again = run(database_url, "import", path)
    assert again.out.count(": 0 tilføjet") == CASES
    assert kept(database_url) == (expected, [])


@pytest.mark.prove
def test_ten_thousand_cases_go_in_with_flat_memory_and_survive_kills(tmp_path, capsys):
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    write_cases(few, 1_000)
    expected = write_cases(many, 10_000)
    small = measure(f"sqlite:///{tmp_path / 'few'}", "import", few)
    large = measure(f"sqlite:///{tmp_path / 'many'}", "import", many)
    assert (small.code, large.code) == (0, 0)
    assert kept(f"sqlite:///{tmp_path / 'many'}") == (expected, [])
    url = f"sqlite:///{tmp_path / 'killed'}"
    for there in (1_000, 4_000, 8_000):
        kill_when(start(url, "import", many), url, there)
    found, faults = kept(url)
    assert faults == []
    assert found.items() <= expected.items()
    assert run(url, "import", many).code == 0
    assert kept(url) == (expected, [])
    with capsys.disabled():
        rows = sum(expected.values())
        print(f"\n1,000 cases: {small.seconds:.1f} s, peak {small.peak_kb / 1024:.0f} MB")  # noqa: T201
        print(f"10,000 cases ({rows:,} entries): {large.seconds:.1f} s, peak {large.peak_kb / 1024:.0f} MB")  # noqa: T201
    assert large.peak_kb < small.peak_kb * 1.25
