"""What changed between two points in time, and which entries did it."""

from datetime import UTC, date, datetime

import pytest

from api.law_tables import MODELS
from ledger.errors import Invalid, NotFound
from replay.as_of import Point, sight
from replay.diff import NAMED_BY, Change, diff
from replay.tellings import TELLINGS
from tests.samples import AARHUS, ESBJERG, import_sample


@pytest.fixture
def compared(books):
    """The differences of a sample case between two points, by model and row."""

    def between(number, before, after):
        import_sample(books, number)
        book, case_id = books.find(number)
        found = diff(sight(book, case_id, before), sight(book, case_id, after))
        return found, {(one.model, one.row): one for one in found.changes}

    return between


def field(one, name):
    (found,) = [field for field in one.fields if field.name == name]
    return found.before, found.after


def test_a_review_after_the_appeal_is_what_lowered_the_repayment(compared):
    found, rows = compared(ESBJERG, Point(date(2023, 3, 30)), Point(date(2023, 10, 16)))
    assert (found.from_day, found.to_day) == (date(2023, 3, 30), date(2023, 10, 16))
    post, year = rows["balances", "2022 P3"], rows["balances", "2022"]
    assert field(post, "repay_oere") == (550_000, 350_000)
    assert field(year, "repay_oere") == (1_109_875, 909_875)
    assert post.entries == year.entries == (138,)
    claim = rows["repayments", "2022"]
    assert field(claim, "adjusted_to_oere") == (None, 909_875)
    assert claim.entries == (139,)
    assert [cause.version for cause in found.entries] == list(range(115, 140))
    assert all(cause.sentence for cause in found.entries)


def test_a_finding_that_is_gone_is_laid_to_the_entry_that_took_it_away(compared):
    _, rows = compared(ESBJERG, Point(date(2023, 3, 30)), Point(date(2023, 10, 16)))
    gone = rows["findings", "110 G17 ikke_bevilget"]
    assert gone.change is Change.REMOVED
    assert gone.entries == (138,)


def test_what_only_the_passing_of_days_changed_names_no_entry(compared):
    found, rows = compared(AARHUS, Point(date(2021, 10, 31)), Point(date(2021, 11, 2)))
    late = rows["deadlines", "aarhus.decision 2021-02-01"]
    assert field(late, "days_late") == (0, 1)
    assert late.entries == ()
    assert found.entries == ()


def test_nothing_differs_between_a_point_and_itself(compared):
    found, _ = compared(AARHUS, Point(date(2021, 10, 31)), Point(date(2021, 10, 31)))
    assert (found.changes, found.entries) == ((), ())


def test_one_version_more_is_what_that_entry_did(compared):
    found, rows = compared(AARHUS, Point(version=33), Point(version=34))
    assert [cause.version for cause in found.entries] == [34]
    notice = rows["deadlines", "aarhus.decision 2021-02-01"]
    assert field(notice, "extended_to") == (None, date(2021, 12, 10))
    assert notice.entries == (34,)
    assert rows["deadlines", "statute.promised-date 2021-10-25"].change is Change.ADDED


def test_a_version_that_is_not_there_is_refused(compared):
    for version in (0, 70):
        with pytest.raises(Invalid, match="versionerne 1-69"):
            compared(AARHUS, Point(version=version), Point())


def test_a_point_before_the_case_existed_or_was_known_says_so(compared):
    with pytest.raises(NotFound, match="fandtes ikke endnu"):
        compared(AARHUS, Point(date(2020, 12, 31)), Point())
    with pytest.raises(NotFound, match="kendtes ikke endnu"):
        compared(AARHUS, Point(known_at=datetime(2020, 12, 31, tzinfo=UTC)), Point())


def test_every_read_model_is_compared_and_has_a_name_for_people():
    assert set(TELLINGS) == set(NAMED_BY) == set(MODELS)
