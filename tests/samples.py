"""The two sample cases that come with the program."""

from importlib.resources import as_file, files

from commands.import_cases import import_file

AARHUS, ESBJERG = "AAR-2021-00417", "ESB-2020-00158"
FILES = {AARHUS: "aarhus-approved", ESBJERG: "esbjerg-settlement"}


def import_sample(books, number):
    """Imports a sample case; an import that is repeated adds nothing."""
    with as_file(files("api").joinpath("samples", f"{FILES[number]}.json")) as path:
        (outcome,) = import_file(books, path, "tester")
    assert outcome.error is None
