"""Files that are refused: one Danish line each, with file, entry and field; and nothing of the file is kept."""

import json

import pytest

from commands.import_cases import import_file
from ledger.errors import Conflict, Invalid
from ledger.store.books import Books
from tests.command import measure
from tests.conftest import MASTER_KEY
from tests.test_import import BARN, DAY, KAREN, MOR, a_case, annulled, decided, event, imported, note, payment

ENGLISH = (
    "Error",
    "error",
    "should",
    "must",
    "invalid",
    "expected",
    "No such",
    "Input",
    "value",
    "None",
    "constrained",
)


def told(books, raw, place, name="sag.json"):
    """The one line about a file that is refused, after its place; nothing of the file is kept."""
    path = place / name
    path.write_bytes(raw if isinstance(raw, bytes) else json.dumps(raw, ensure_ascii=False).encode())
    (outcome,) = import_file(books, path, "importoer")
    assert isinstance(outcome.error, Invalid), outcome
    assert books.existing() == []
    line = str(outcome.error)
    assert line.startswith(f"{path}"), line
    assert line.isprintable()
    assert not any(word in line.removeprefix(str(path)) for word in ENGLISH), line
    assert outcome.added == 0
    return line.removeprefix(str(path))


@pytest.fixture
def books(tmp_path, clock):
    with Books(f"sqlite:///{tmp_path / 'data'}", clock, MASTER_KEY) as books:
        yield books


def without(members, *names):
    return {name: value for name, value in members.items() if name not in names}


def with_data(one, **data):
    return one | {"data": one["data"] | data}


NOTE = note("x")
PAID = payment("x")
ANSWERED = decided("x")
PHONED = {"form": "phone", "topics": ["vejledning"], "stated_processing_time": "ni måneder", "to": "p-mor"}
AT = f"{DAY}T12:00:00Z"

EVENTS = {
    "an unknown type": (event("x", "NoteInvented", {}), "type: "),
    "a type of the book": (event("x", "RateRegistered", {}), "type: "),
    "a type that is a number": (event("x", 5, {}), "type: skal være en tekst"),
    "an unknown field": (with_data(NOTE, smag="sød"), "data.smag: er et ukendt felt"),
    "an unknown member": (NOTE | {"smag": "sød"}, "smag: er et ukendt felt"),
    "a field missing": (event("x", "NoteRecorded", {"text": "x", "internal": False}), "data.about: mangler"),
    "a member missing": (without(NOTE, "actor"), "actor: mangler"),
    "data that is a list": (NOTE | {"data": []}, "data: skal være et objekt"),
    "a text for a number": (with_data(PAID, amount_oere="100"), "data.amount_oere: skal være et helt tal"),
    "true for a number": (with_data(PAID, amount_oere=True), "data.amount_oere: skal være et helt tal"),
    "a number for true": (with_data(NOTE, internal=1), "data.internal: skal være true eller false"),
    "a number for a text": (with_data(NOTE, text=1), "data.text: skal være en tekst"),
    "null for a required text": (with_data(NOTE, text=None), "data.text: skal være en tekst"),
    "an amount below zero": (with_data(PAID, amount_oere=-1), "data.amount_oere: skal være mindst 0"),
    "an amount above all": (with_data(PAID, amount_oere=10**13), "data.amount_oere: skal være under"),
    "a year after all": (with_data(PAID, year=2200), "data.year: må højst være 2199"),
    "a word not on the list": (with_data(NOTE, about="vejret"), "data.about: skal være en af: oral_information,"),
    "a day that does not exist": (NOTE | {"occurred_on": "2021-02-30"}, "occurred_on: skal være en dato, der findes"),
    "a day with time": (NOTE | {"occurred_on": f"{DAY}T10:00:00"}, "occurred_on: skal være en dato, der findes, uden"),
    "a day with midnight": (NOTE | {"occurred_on": f"{DAY}T00:00:00"}, "occurred_on: skal være en dato, der findes"),
    "a day as a number": (NOTE | {"occurred_on": 1610928000}, "occurred_on: skal være en dato"),
    "a day as a number in quotes": (NOTE | {"occurred_on": "1610928000"}, "occurred_on: skal være en dato"),
    "a role that is not here": (NOTE | {"actor": KAREN | {"role": "foraelder"}}, "actor.role: rollen foraelder"),
    "a citizen who is no party": (NOTE | {"actor": KAREN | {"role": "borger"}}, "actor.party: skal nævne"),
    "an act of this ledger": (
        event("x", "ActConfirmed", {}, refs={"proposal": "barn"}),
        "type: ActConfirmed hører til en handling",
    ),
    "a day in data as a number in quotes": (
        event("x", "AktindsigtDecided", ANSWERED[1]["data"] | {"decided_on": "1610928000"}),
        "data.decided_on: skal være en dato, der findes",
    ),
    "a day in data that does not exist": (
        event("x", "AktindsigtDecided", ANSWERED[1]["data"] | {"sent_on": "2021-13-01"}),
        "data.sent_on: skal være en dato, der findes",
    ),
    "a day after it was recorded": (NOTE | {"occurred_on": "2021-01-19"}, "occurred_on: G33: "),
    "recorded in the future": (NOTE | {"recorded_at": "2026-11-22T12:00:00Z"}, "recorded_at: ligger i fremtiden"),
    "recorded before the last": (NOTE | {"recorded_at": f"{DAY}T11:59:59Z"}, "recorded_at: ligger før hændelsen"),
    "recorded without zone": (NOTE | {"recorded_at": AT[:-1]}, "recorded_at: skal have en tidszone"),
    "recorded on a day": (NOTE | {"recorded_at": DAY}, "recorded_at: er ikke et tidspunkt"),
    "recorded at a number in quotes": (NOTE | {"recorded_at": "1610971200"}, "recorded_at: skal være et tidspunkt"),
    "recorded in the year one": (NOTE | {"recorded_at": "0001-01-01T00:00:00+01:00"}, "recorded_at: skal være mindst"),
    "an unknown party": (with_data(NOTE, party="p-far"), "data.party: parten p-far er ikke registreret"),
    "an unknown key": (annulled("x", "ukendt"), "refs.target: peger på 'ukendt'"),
    "its own key": (annulled("x", "x"), "refs.target: peger på 'x'"),
    "a later key": (annulled("x", "senere"), "refs.target: peger på 'senere'"),
    "a key that is a number": (annulled("x", 2), "refs.target: skal være nøglen"),
    "a list for one key": (annulled("x", ["mor"]), "refs.target: skal være én henvisning"),
    "a ref missing": (without(annulled("x", "mor"), "refs"), "refs.target: mangler"),
    "a ref the type has not": (NOTE | {"refs": {"target": "mor"}}, "refs.target: er en ukendt henvisning"),
    "a ref to the wrong type": (ANSWERED[1] | {"refs": {"request": "mor"}}, "refs.request: peger på PartyRegistered"),
    "a repeated key": (NOTE | {"key": "mor"}, "key: er brugt af en tidligere hændelse"),
    "a second opening": (a_case()["events"][0] | {"key": "x"}, "type: sagen er allerede oprettet"),
    "a claimed CPR number": (event("x", "PartyRegistered", MOR | {"cpr": "999999-0000"}), "data.cpr: skal være et CPR"),
    "a CPR number as a name": (NOTE | {"actor": KAREN | {"name": "740916-0002"}}, "actor.name: G34"),
    "a CPR number as a mandate's name": (
        NOTE | {"on_behalf_of": {"mandate_ref": "m", "unit": "ledelse", "name": "740916-0002"}},
        "on_behalf_of.name: G34",
    ),
    "a CPR number in a list": (
        event("x", "GuidanceGiven", PHONED | {"topics": ["a", "740916 0002"]}), "data.topics.1: G34",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EVENTS)
def test_an_event_that_cannot_be_is_refused_by_key_and_field(books, tmp_path, case):
    bad, sentence = EVENTS[case]
    line = told(books, a_case(ANSWERED[0], bad, note("senere")), tmp_path)
    assert line.startswith(f", hændelse {bad['key']}: {sentence}"), line


def test_two_wrong_fields_of_an_event_stand_on_the_same_line(books, tmp_path):
    line = told(books, a_case(event("x", "NoteRecorded", {"text": 5, "about": "other"})), tmp_path)
    assert line == ", hændelse x: data.text: skal være en tekst; data.internal: mangler"


@pytest.mark.parametrize(
    "text",
    ["740916-0002", "7409160002", "740916 0002", "740916–0002", "Barnet (140916‑0002) er her", "konto 1234 0101991234"],
)
def test_a_cpr_number_in_a_text_refuses_the_file(books, tmp_path, text):
    assert told(books, a_case(note("x", text)), tmp_path).startswith(", hændelse x: data.text: G34: ")


@pytest.mark.parametrize(
    "text",
    [
        "20220101-1234",
        "konto 9999010199123499",
        "990101-1234",
        "011399-1234",
        "12345678901",
        "0101991234x",
        "010199/1234",
    ],
)
def test_what_only_looks_like_a_cpr_number_is_let_in(books, tmp_path, text):
    assert imported(books, a_case(note("x", text, document_ids=["7409160002"])), tmp_path).error is None


def changed(**members):
    return a_case() | members


HEADS = {
    "no events": (changed(events=[]), ": events: er tom"),
    "an opening that is not first": (
        changed(events=a_case()["events"][1:]), ", hændelse barn: type: den første hændelse på en sag skal være",
    ),
    "a party that differs": (changed(parties=[BARN, MOR | {"name": "Anden"}]), ": parties: er ikke de samme"),
    "a party missing": (changed(parties=[BARN]), ": parties: er ikke de samme som i PartyRegistered: p-mor"),
    "a party too many": (changed(parties=[BARN, MOR, MOR | {"party": "p-far"}]), ": parties: er ikke de samme"),
    "a party twice": (changed(parties=[BARN, MOR, MOR]), ": parties: nævner den samme part to gange"),
    "a party without name": (changed(parties=[BARN, {}]), ": parties.1.party: mangler"),
    "a party that is a list": (changed(parties=[BARN, {"party": []}]), ": parties.1.party: skal være en tekst"),
    "another opening day": (
        changed(case=a_case()["case"] | {"opened_on": "2021-01-17"}), ": case.opened_on: er ikke den samme",
    ),
    "another case number": (changed(case=a_case()["case"] | {"case_number": "B"}), ": case.case_number: er ikke den"),
    "a case number with a slash": (a_case(number="a/b"), ": case.case_number: skal være et sagsnummer"),
    "an unknown municipality": (
        changed(case=a_case()["case"] | {"municipality": "odense"}), ": case.municipality: kommunen 'odense'",
    ),
    "another format": (changed(format="sagsbog-case/2"), ": format: skal være en af: sagsbog-case/1"),
    "a member too many": (changed(ekstra=1), ": ekstra: er et ukendt felt"),
    "a member missing": (without(a_case(), "parties"), ": parties: mangler"),
    "an event without key": (a_case(without(NOTE, "key")), ", hændelse nummer 4: key: mangler"),
    "a key with a new line": (a_case(NOTE | {"key": "a\nb"}), ", hændelse nummer 4: key: har tegn"),
    "an event that is a text": (a_case("x"), ": events.3: skal være et objekt"),
    "a list": ([], ": skal være et objekt"),
    "nothing": (b"", ": er ikke gyldig JSON"),
}  # fmt: skip


@pytest.mark.parametrize("case", HEADS)
def test_a_file_that_disagrees_with_itself_is_refused(books, tmp_path, case):
    file, sentence = HEADS[case]
    assert told(books, file, tmp_path).startswith(sentence)


RAW = json.dumps(a_case(PAID | {"data": PAID["data"] | {"payee": "Øre"}}), ensure_ascii=False).encode()


def amount(text):
    return RAW.replace(b'"amount_oere": 10000', b'"amount_oere": ' + text)


def payee(text):
    return RAW.replace('"Øre"'.encode(), text)


BYTES = {
    "cut in the middle of a text": (RAW[: RAW.index(b"Asta") + 2], ": er ikke gyldig JSON", "afkortet"),
    "cut between members": (RAW[: RAW.index(b'"case"')], ": er ikke gyldig JSON", "afkortet"),
    "not UTF-8": (RAW.decode().encode("latin-1"), ": er ikke gyldig UTF-8", "byte"),
    "a mark in front": (b"\xef\xbb\xbf" + RAW, ": begynder med et BOM-mærke", "uden BOM"),
    "a member twice": (RAW.replace(b'"format"', b'"format": 1, "format"'), ": format: står der to gange", ""),
    "a field twice": (amount(b'1, "amount_oere": 2'), ": events.x.data.amount_oere: står der to gange", ""),
    "NaN": (amount(b"NaN"), ": events.x.data.amount_oere: er ikke et helt tal", "øre"),
    "decimals": (amount(b"100.50"), ": events.x.data.amount_oere: er ikke et helt tal", "øre"),
    "decimals that are none": (amount(b"100.0"), ": events.x.data.amount_oere: er ikke et helt tal", "øre"),
    "1e400": (amount(b"1e400"), ": events.x.data.amount_oere: er ikke et helt tal", "øre"),
    "infinity": (amount(b"-Infinity"), ": events.x.data.amount_oere: er ikke et helt tal", "øre"),
    "more than 64 bits": (amount(b"9" * 30), ": events.x.data.amount_oere: er et for stort tal", ""),
    "5,000 digits": (amount(b"9" * 5_000), ": events.x.data.amount_oere: er et for stort tal", ""),
    "100,000 lists": (amount(b"[" * 100_000 + b"]" * 100_000), ": er indlejret for dybt", ""),
    "100,000 objects": (amount(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), ": er indlejret for dybt", ""),
    "300 lists": (amount(b"[" * 300 + b"]" * 300), ": events.x.data.amount_oere.0.0: er indlejret for dybt", ""),
    "60 lists": (amount(b"[" * 60 + b"]" * 60), ", hændelse x: data.amount_oere: skal være et helt tal", ""),
    "half a pair": (payee(rb'"a\ud800b"'), ": events.x.data.payee: indeholder tegn, der ikke er gyldig Unicode", ""),
    "half a pair in a name": (payee(rb'"a", "\ud800": 1'), ": events.x.data: har et feltnavn", "Unicode"),
    "a null character": (payee(rb'"a\u0000b"'), ": events.x.data.payee: indeholder et nultegn", ""),
    "a null byte": (payee(b'"a\0b"'), ": er ikke gyldig JSON", ""),
}


@pytest.mark.parametrize("case", BYTES)
def test_bytes_that_other_readers_let_pass_are_refused(books, tmp_path, case):
    raw, sentence, more = BYTES[case]
    line = told(books, raw, tmp_path)
    assert line.startswith(sentence), line
    assert more in line


def test_the_bytes_that_the_bad_ones_are_made_of_are_let_in(books, tmp_path):
    case = json.loads(payee(rb'"a\\u0000b\ud83d\ude00"'))
    assert imported(books, case, tmp_path).error is None


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_what_is_no_file_is_said_to_be_none(books, tmp_path, ending):
    (tmp_path / f"mappe.{ending}").mkdir()
    for name, sentence in (("mappe", "er en mappe, ikke en fil"), ("væk", "findes ikke")):
        path = tmp_path / f"{name}.{ending}"
        (outcome,) = import_file(books, path, "importoer")
        assert str(outcome.error) == f"{path}: {sentence}"


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_a_file_of_200_mb_is_refused_quickly_and_in_flat_memory(tmp_path, ending):
    path = tmp_path / f"stor.{ending}"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    small = tmp_path / f"lille.{ending}"
    small.write_text("{}")
    url = f"sqlite:///{tmp_path / 'data'}"
    least, ran = measure(url, "import", small), measure(url, "import", path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "er over 50 MB; læg flere sager i en .jsonl" in ran.err
    assert ran.seconds < 10
    assert ran.peak_kb < least.peak_kb + 130_000


def test_a_second_file_with_the_same_number_is_a_conflict_and_the_first_stays(books, tmp_path):
    path = tmp_path / "sag.json"
    outcomes = []
    for text in ("Mor ringede.", "Far ringede."):
        path.write_text(json.dumps(a_case(note(text=text))))
        outcomes += import_file(books, path, "importoer")
    assert outcomes[0].error is None
    assert isinstance(outcomes[1].error, Conflict)
    assert f"{path}, hændelse notat: sagen er kendt" in str(outcomes[1].error)
    book, case_id = books.find("AAR-2021-1")
    assert book.entry(case_id, 4).fact.text == "Mor ringede."


def test_a_bad_line_does_not_stop_the_others_and_an_empty_one_is_passed_over(books, tmp_path):
    good = [json.dumps(a_case(number=f"AAR-{number}")) for number in range(3)]
    path = tmp_path / "mange.jsonl"
    path.write_text(
        "\n".join([good[0], "", good[1][:90], json.dumps(a_case(PAID | {"data": {}}, number="N")), good[2]])
    )
    outcomes = list(import_file(books, path, "importoer"))
    assert [outcome.added for outcome in outcomes] == [3, 0, 0, 3]
    bad = [str(outcome.error) for outcome in outcomes if outcome.error]
    assert bad[0].startswith(f"{path}, linje 3: er ikke gyldig JSON")
    assert bad[1].startswith(f"{path}, linje 4, hændelse x: data.kind: mangler")
    assert len(books.book("aarhus").cases()) == 2


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_a_file_of_many_that_holds_none_says_so(books, tmp_path, content):
    assert told(books, content, tmp_path, "tom.jsonl") == ": indeholder ingen sager"
