"""A rulebook file that cannot be right is refused at start-up, with file and line."""

import re
import shutil
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ledger.errors import NotFound
from ledger.law.rulebook import RulebookError, read_rulebook, rulebook_in_force, rulebook_named
from ledger.store.books import Books

HERE = Path(__file__).parent


@pytest.fixture
def rulebook(tmp_path):
    """A copy of the rulebook in force, with an invented municipality, to be spoilt."""
    place = tmp_path / "rulebook"
    with as_file(files("ledger.law").joinpath("rulebooks", "1")) as bundled:
        shutil.copytree(bundled, place)
    shutil.copy(HERE / "data/proeveby.toml", place)
    return place


FAULTS = {
    "an overlap": ("valid_from = 2023-01-01", "valid_from = 2022-06-01", "overlapper", "slug = "),
    "a gap": ("valid_from = 2023-01-01", "valid_from = 2023-02-01", "hul mellem", "valid_from = 2023-02-01"),
    "a version that never ends": ("valid_to = 2022-12-31", "", "overlapper", "slug = "),
    "an unknown event": ('"HjemmetraeningApproved", ', '"HjemmetraeningGranted", ', "findes ikke", "met = "),
    "an unknown ref": ('by = "application"', 'by = "applikation"', "hverken felt eller henvisning", "stopped_by = "),
    "an unknown inner rule": ('inner = ["proeveby.receipt"]', 'inner = ["proeveby.kvittering"]', "findes ikke", "slug"),
    "a missing source": (
        'source = "Prøveby Kommunes sagsbehandlingsfrister (opdigtet)"\ncertainty = "seed"\n\n[[rule]]',
        'certainty = "seed"\n\n[[rule]]',
        "Field required",
        "[[rule]]",
    ),
    "an empty source": (
        'source = "Prøveby Kommunes sagsbehandlingsfrister (opdigtet)"\ncertainty = "seed"\n\n[[rule]]',
        'source = ""\ncertainty = "seed"\n\n[[rule]]',
        "at least 1 character",
        'source = ""',
    ),
    "a source that is not listed": (
        'source = "Prøveby Kommunes sagsbehandlingsfrister (opdigtet)"\ncertainty = "seed"\n\n[[rule]]',
        'source = "S9"\ncertainty = "seed"\n\n[[rule]]',
        "kilden S9 findes ikke",
        'source = "S9"',
    ),
    "a negative length": ("months = 6", "months = -6", "greater than or equal to 0", "length = "),
    "two lengths in one": ("months = 6", "months = 6, weeks = 2", "skal være én længde", "length = "),
    "no length": ("length = { months = 6 }", "", "length mangler", "[[rule]]"),
    "an unknown key": ("months = 6 }", "months = 6 }\nlenght = 7", "Extra inputs", "lenght"),
    "an unknown class": ('class = "published"', 'class = "secret"', "Input should be", "class = "),
    "an unknown task's role": ('AUTH = ["boernekonsulent"]', 'AUTH = ["konsulent"]', "ukendte roller", "slug = "),
    "a task without a line": ("SUND = []\n", "", "opgaver uden linje", "slug = "),
    "what is not TOML": ("[units]", "[units", "kan ikke læses som TOML", "[units"),
    "a file that describes another municipality": ('slug = "proeveby"', 'slug = "prove"', "beskriver prove", "slug"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_cannot_be_right_is_refused_with_file_and_line(rulebook, fault):
    right, wrong, sentence, line = FAULTS[fault]
    path = rulebook / "proeveby.toml"
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(RulebookError) as refused:
        read_rulebook(rulebook)
    found = re.match(r"proeveby\.toml, linje (\d+): ", str(refused.value))
    assert found, refused.value
    assert sentence in str(refused.value)
    lines = path.read_text("utf-8").splitlines()
    at = lines[int(found[1]) - 1]
    assert line in at or fault in ("a task without a line", "an unknown task's role"), at


def test_a_rulebook_without_statute_or_rates_is_refused(rulebook):
    (rulebook / "rates.toml").unlink()
    with pytest.raises(RulebookError, match=r"rates\.toml mangler"):
        read_rulebook(rulebook)


def test_the_digest_is_of_the_content_and_not_of_comments_or_order(rulebook):
    first = read_rulebook(rulebook)
    path = rulebook / "proeveby.toml"
    path.write_text("# en bemærkning\n" + path.read_text("utf-8"), "utf-8")
    assert read_rulebook(rulebook).digest == first.digest
    path.write_text(path.read_text("utf-8").replace("months = 6", "months = 7"), "utf-8")
    assert read_rulebook(rulebook).digest != first.digest


def test_a_rulebook_is_found_by_version_by_digest_and_by_directory(rulebook):
    book = rulebook_in_force()
    assert rulebook_named(book.version).digest == book.digest
    assert rulebook_named(book.digest[:12]).digest == book.digest
    assert "proeveby" in rulebook_named(str(rulebook)).municipalities
    for unknown in ("", "0", "nul"):
        with pytest.raises(NotFound, match="intet regelsæt"):
            rulebook_named(unknown)


def test_a_guard_that_there_is_not_is_refused_at_start_up(rulebook, tmp_path):
    path = rulebook / "proeveby.toml"
    path.write_text(path.read_text("utf-8").replace('guards = ["G06"]', 'guards = ["G6"]'), "utf-8")
    with pytest.raises(RulebookError, match=r"proeveby\.toml: guards: vagten 'G6' findes ikke; kendte: .*G06"):
        Books(f"sqlite:///{tmp_path / 'data'}", lambda: datetime.now(UTC), rulebook=read_rulebook(rulebook))
    assert not (tmp_path / "data").exists()


def test_a_number_nobody_asks_for_or_that_is_missing_is_refused(rulebook):
    path = rulebook / "statute.toml"
    right = path.read_text("utf-8")
    path.write_text(right.replace("[numbers.helper_insurance_hours]", "[numbers.helper_insurance_hour]"), "utf-8")
    with pytest.raises(RulebookError, match=r"statute\.toml, linje \d+: numbers\.helper_insurance_hour: Extra inputs"):
        read_rulebook(rulebook)
    block = re.search(r"\[numbers\.helper_insurance_hours\]\n(?:.+\n)+", right)[0]
    path.write_text(right.replace(block, ""), "utf-8")
    with pytest.raises(RulebookError, match="tal uden værdi: helper_insurance_hours"):
        read_rulebook(rulebook)


def test_a_file_that_is_not_utf_8_is_refused_by_name(rulebook):
    (rulebook / "nyborg.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RulebookError, match=r"nyborg\.toml: er ikke gyldig UTF-8"):
        read_rulebook(rulebook)
