"""Documentation that is wrong fails."""

import re

import pytest

from ledger.facts.fact import catalogue
from tests.write_docs import DOCS, events_md
from tests.write_rules import rules_md

ROOT = DOCS.parent
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ENGLISH = re.findall(
    r"\w+",
    """
    Absence Absent Access Account Accounts Act Added Adjusted Adjustment Age Annual Annulled Answered Appeal
    Application Approved Archive Arranged Assessed Assessment Assigned At Budget Business By Case Change Changed
    Child Circumstances Closed Completed Confidentiality Confirmed Consent Corrected Counted Deadline Decided
    Decision Delivered Document Documented Element Ended Engaged Enquiries Enquiry Entry Erased Expense Expired
    Extended Extension For Forwarded Given Goals Granted Guidance Health Held Helper Hold Home Implemented
    Information Interim Issued Item Left Legal Lifted Logged Made Mandate Meeting Method Not Note Notified Of
    Offer Omitted Opened Orally Other Outcome Party Payment Placed Planned Post Prepared Proposed Provided Rate
    Reasons Reassessed Received Recorded Refused Registered Rejected Reopened Replacement Report Requested
    Rescheduled Resumed Reviewed Schooling Sent Set Started Step Stopped Subject Supplement Supplemented Support
    Talk Terminated To Told Withdrawn Written
    """,
)


def test_the_page_of_fact_types_is_what_the_classes_say():
    assert (DOCS / "events.md").read_text("utf-8") == events_md(), "run make docs"


def test_the_page_of_rules_is_what_the_rulebook_and_the_guards_say():
    assert (DOCS / "rules.md").read_text("utf-8") == rules_md(), "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_link_between_pages_leads_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_danish_word_in_a_type_name_is_in_the_glossary():
    glossary = (DOCS / "glossary.md").read_text("utf-8")
    for name in catalogue():
        danish = [
            word for word in re.findall(r"[A-Z][a-z]+|[0-9]+", name) if word not in ENGLISH and not word.isdigit()
        ]
        for word in danish:
            assert re.search(rf"`\w*{word}", glossary), f"{word} of {name}"
