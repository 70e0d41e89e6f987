"""The tutorials do what they show."""

from tests.tutorial import follow


def test_the_readme_does_what_it_shows(tmp_path):
    assert follow("README.md", tmp_path) > 20


def test_the_tutorial_of_the_service_does_what_it_shows(tmp_path):
    assert follow("docs/api.md", tmp_path) > 15
