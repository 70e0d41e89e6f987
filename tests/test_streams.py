"""Reading: however many streams are asked about at once, all is found, and nothing else is gone through."""

from ledger.store.books import Books
from tests.conftest import MASTER_KEY, ToldClock
from tests.tail import MUNICIPALITY, after, notes, opening, rows_gone_through


def test_as_many_streams_as_one_likes_are_asked_about_at_once(books: Books) -> None:
    ledger = books.book(MUNICIPALITY)
    heads = [after(ledger, f"AAR-2026-001{number:02}") for number in range(40)]
    for number, head in enumerate(heads):
        ledger.append(head, opening(f"AAR-2026-001{number:02}"))
    numbers = ledger.recorder.numbered([(head.case_id, 2) for head in heads])
    assert numbers == list(range(2, 82, 2)), "two entries of each case"
    for count in (1, 2, 3, 8, 24, 25, 40):
        asked = [head.case_id for head in heads[:count]]
        new, destroyed = ledger.recorder.select_new(dict.fromkeys(asked, 1))
        assert sorted((one.originator_id, one.originator_version) for one in new) == sorted((one, 2) for one in asked)
        assert destroyed == 0
        assert ledger.recorder.numbered([(one, 1) for one in asked]) == list(range(1, 1 + 2 * count, 2))
        assert ledger.recorder.numbered([(one, 3) for one in asked]) == [None] * count


def test_who_asks_about_many_streams_does_not_go_through_all_there_is(postgres_url: str, clock: ToldClock) -> None:
    with Books(postgres_url, clock, MASTER_KEY) as books:
        ledger = books.book(MUNICIPALITY)
        heads = [after(ledger, f"AAR-2026-002{number:02}") for number in range(24)]
        for head in heads:
            ledger.append(head, [*opening(f"case {head.case_id}"), *notes(*["Far ringede."] * 98)])
        ledger.number()
        before = rows_gone_through(ledger, postgres_url)
        for count in (1, 8, 9, 24):
            last = {head.case_id: 100 for head in heads[:count]}
            new, _ = ledger.recorder.select_new(dict.fromkeys(last, 99))
            assert len(new) == len(set(ledger.recorder.numbered([*last.items()]))) == count
        assert rows_gone_through(ledger, postgres_url) == before
