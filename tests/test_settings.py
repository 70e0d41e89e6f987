"""Settings: each is documented, and one that cannot be right is named."""

import os
import re
import subprocess

import pytest
from pydantic import ValidationError

from api.settings import Settings
from tests.command import SAGSBOG
from tests.write_settings import PAGE, settings_md


def test_the_page_of_settings_is_what_the_settings_say():
    assert PAGE.read_text("utf-8") == settings_md(), "make docs"


def test_every_setting_says_what_it_means():
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_the_settings_that_the_readme_shows_exist():
    readme = (PAGE.parent.parent / "README.md").read_text("utf-8")
    shown = [
        name for line in readme.splitlines() if line.startswith("| `S") for name in re.findall(r"SAGSBOG_\w+", line)
    ]
    known = {f"SAGSBOG_{name.upper()}" for name in Settings.model_fields}
    assert set(shown) <= known
    assert len(shown) > 5


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("LOG_LEVEL", "debug", "loud"),
        ("BODY_LIMIT", "1", "0"),
        ("HEAD_SECONDS", "0.5", "0"),
        ("BODY_SECONDS", "3600", "3601"),
        ("ANSWER_SECONDS", "5", "-1"),
        ("RATE_LIMIT", "0", "-1"),
        ("LAG_SECONDS", "1", "nan"),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(monkeypatch, name, right, wrong):
    monkeypatch.setenv(f"SAGSBOG_{name}", right)
    Settings()
    monkeypatch.setenv(f"SAGSBOG_{name}", wrong)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [one["loc"] for one in refused.value.errors()] == [(name.lower(),)]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("LAG_SECONDS", "snart", ""),
        ("OIDC_ROLES", "ingen", ""),
        ("OIDC_ISSUER", "http://login.example", "skal være en https-adresse"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line_and_nothing_is_started(tmp_path, name, value, why):
    settings = {"SAGSBOG_DATABASE_URL": f"sqlite:///{tmp_path}/data", f"SAGSBOG_{name}": value}
    done = subprocess.run(
        [SAGSBOG, "status"], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"SAGSBOG_{name}" in done.stderr
    assert why in done.stderr
    assert done.stderr.count("\n") == 1
