"""Travel to supervision and courses: Esbjerg's table, each row with what is covered and what is not."""

import tomllib
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest
from pydantic import TypeAdapter

from ledger.law.rates import RateMissing, RateRow, rate_on
from ledger.law.travel import Covered, Night, Room, Trip, covered

ROWS = TypeAdapter(tuple[RateRow, ...]).validate_python(
    tomllib.loads(files("ledger.law").joinpath("rulebooks/1/rates.toml").read_text("utf-8"))["rate"]
)
COURSE = Trip(
    starts_on=date(2022, 6, 9), minutes_away=24 * 60, days=2, adults=2, children=1, teaching_minutes=450,
    public_transport_oere=64_000,
)  # fmt: skip


def of(trip=COURSE, **changed):
    """Item to what is covered of it."""

    def rates(kind, name, on):
        return rate_on((), ROWS, "esbjerg", kind, name, on)

    return {one.item: one for one in covered(replace(trip, **changed), rates)}


def lodging(night, **changed):
    return of(nights=(night,), **changed)[night.room.dansk]


def test_meals_are_covered_for_each_person_and_day_from_twenty_four_hours():
    assert of()["kost"] == Covered("kost", 2 * 3 * 10_000)
    assert of(children=0, days=3)["kost"].oere == 3 * 2 * 10_000
    short = of(minutes_away=24 * 60 - 1)["kost"]
    assert short == Covered("kost", 0, "Kost dækkes ikke, når rejsen varer under 24 timer.")


@pytest.mark.parametrize(("room", "most"), [(Room.SINGLE, 49_900), (Room.DOUBLE, 65_000), (Room.EXTRA_BED, 100_000)])
def test_a_night_is_covered_up_to_the_rate_of_its_room(room, most):
    assert lodging(Night(room, most)) == Covered(room.dansk, most)
    assert lodging(Night(room, most - 1)).oere == most - 1
    above = lodging(Night(room, most + 1))
    assert above.oere == most
    assert above.why_not_more.startswith(f"Et {room.dansk} dækkes højst med ")


def test_the_most_for_a_room_is_told_in_kroner():
    assert lodging(Night(Room.SINGLE, 60_000)).why_not_more == "Et enkeltværelse dækkes højst med 499,00 kr."


def test_a_night_needs_a_whole_day_of_teaching():
    night = Night(Room.SINGLE, 40_000)
    assert lodging(night, teaching_minutes=450).oere == 40_000
    assert lodging(night, teaching_minutes=449) == Covered(
        "enkeltværelse", 0, "Overnatning dækkes kun ved heldagsundervisning."
    )


def test_a_night_needs_a_journey_of_twenty_four_hours():
    short = lodging(Night(Room.SINGLE, 40_000), minutes_away=24 * 60 - 1)
    assert short.why_not_more == "Overnatning dækkes ikke, når rejsen varer under 24 timer."


def test_a_night_must_be_documented_and_only_for_those_on_the_course():
    assert lodging(Night(Room.SINGLE, 1, documented=False)).why_not_more == "Overnatningen er ikke dokumenteret."
    others = lodging(Night(Room.DOUBLE, 1, only_for_participants=False))
    assert others == Covered("dobbeltværelse", 0, "Værelset er også til andre end dem, der er på kurset.")


def test_each_night_is_told_by_itself():
    nights = (Night(Room.SINGLE, 40_000), Night(Room.SINGLE, 60_000))
    told = [one for one in covered(replace(COURSE, nights=nights), _rates) if one.item == "enkeltværelse"]
    assert [one.oere for one in told] == [40_000, 49_900]


def _rates(kind, name, on):
    return rate_on((), ROWS, "esbjerg", kind, name, on)


def test_public_transport_is_always_covered_and_driving_only_with_the_child():
    assert of()["billigste offentlige transport"] == Covered("billigste offentlige transport", 64_000)
    assert "kørsel" not in of()
    assert of(kilometres=100, child_travels=True)["kørsel"] == Covered("kørsel", 100 * 217)
    assert of(kilometres=100)["kørsel"] == Covered("kørsel", 0, "Kørsel dækkes kun, når barnet er med.")


def test_driving_is_paid_at_the_rate_of_its_day():
    april = of(starts_on=date(2022, 4, 30), kilometres=10, child_travels=True)
    assert april["kørsel"].oere == 10 * 198


def test_nothing_is_covered_abroad():
    (only,) = of(abroad=True, kilometres=100, child_travels=True, nights=(Night(Room.SINGLE, 1),)).values()
    assert only == Covered("rejse", 0, "Rejser til supervision og kurser i udlandet dækkes ikke.")


def test_a_year_without_a_table_is_refused_and_not_guessed():
    with pytest.raises(RateMissing, match="sagsbog rate KOMMUNE travel 2023"):
        of(starts_on=date(2023, 6, 9))
