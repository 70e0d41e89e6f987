"""Udgifter: which were rejected, why, and whether that was changed later."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.facts.entry import Entry
from ledger.facts.payments import ExpenseDocumented, ExpenseResultat, ExpenseReviewed
from ledger.facts.sentence import kroner
from ledger.law.posting import Posting
from ledger.law.screening import Screened
from replay.answers import Asked, Found, question
from replay.answers.common import as_of, quoted, together
from replay.answers.wording import headed, joined, on, versions_of


class _Expense(NamedTuple):
    """An expense as it was last documented, its reviews in order, and what counts of it now."""

    documented: Entry[ExpenseDocumented]
    reviews: Sequence[Entry[ExpenseReviewed]]
    now: Screened

    @property
    def was_rejected(self) -> bool:
        """Whether all or some of it has been turned down at some time."""
        reviewed = any(one.fact.resultat_review is not ExpenseResultat.ACCEPTED for one in self.reviews)
        return reviewed or self.now.accepted_oere < self.documented.fact.amount_oere

    @property
    def was_overruled(self) -> bool:
        """Whether more of it counts now than when it was first turned down."""
        first = next((one for one in self.reviews if one.fact.resultat_review is not ExpenseResultat.ACCEPTED), None)
        return first is not None and self.now.accepted_oere > first.fact.accepted_oere


@question(36, "Hvilke udgifter blev afvist, med hvilken kode, og blev afvisningen ændret?")
def rejected_expenses(asked: Asked, year: int | None = None) -> Found:
    """The expenses turned down in full or in part, by review or by the rules alone."""
    rejected = [one for one in _expenses(asked) if one.was_rejected and year in (None, one.documented.fact.year)]
    which = f" for {year}" if year else ""
    if not rejected:
        return Found(f"Der er ikke registreret afviste udgifter{which} {as_of(asked)}.", [])
    return headed(joined(*_counts(rejected, which)), together(map(_told, rejected)))


def _counts(rejected: Sequence[_Expense], which: str) -> Iterator[str]:
    reviewed = [one for one in rejected if one.reviews]
    if reviewed:
        overruled = sum(one.was_overruled for one in reviewed) or "ingen"
        yield f"{_number(reviewed)}{which} er blevet afvist helt eller delvist; {overruled} af afvisningerne er ændret."
    if len(reviewed) < len(rejected):
        by_rule = [one for one in rejected if not one.reviews]
        yield f"{_number(by_rule)}{which} er ikke gennemgået, men medregnes ikke fuldt ud efter reglerne."


def _number(expenses: Sequence[_Expense]) -> str:
    return f"{len(expenses)} {'udgift' if len(expenses) == 1 else 'udgifter'}"


def _expenses(asked: Asked) -> Sequence[_Expense]:
    newest = {one.fact.expense: one for one in asked.told.of(ExpenseDocumented)}
    screened = Posting(asked.history.told).screened()
    reviews = asked.told.of(ExpenseReviewed)
    return [
        _Expense(one, [review for review in reviews if review.fact.expense == expense], screened[one.version])
        for expense, one in newest.items()
    ]


def _told(expense: _Expense) -> Found:
    fact, now = expense.documented.fact, expense.now
    post = f"post {fact.post}" if fact.post else "ingen post"
    what = f"{fact.expense} ({fact.description}, {kroner(fact.amount_oere)}, {post}, {fact.year})"
    by_rule = f"medregnes efter reglerne med {kroner(now.accepted_oere)} (kode: {now.code.dansk if now.code else '–'})"
    end = "er ændret" if expense.was_overruled else "står ved magt"
    course = f"{'; '.join(map(_review, expense.reviews))}. Afvisningen {end}" if expense.reviews else by_rule
    return Found(
        f"{what}: {course}.",
        {
            "expense": fact.expense,
            "year": fact.year,
            "post": fact.post,
            "amount_oere": fact.amount_oere,
            "accepted_oere": now.accepted_oere,
            "code": now.code,
            "overruled": expense.was_overruled,
            "reviews": [
                {
                    "version": one.version,
                    "on": one.occurred_on,
                    "resultat_review": one.fact.resultat_review,
                    "code": one.fact.code,
                    "accepted_oere": one.fact.accepted_oere,
                }
                for one in expense.reviews
            ],
        },
        versions_of([expense.documented], expense.reviews),
        () if expense.reviews else (f"En gennemgang af udgiften {fact.expense}",),
    )


def _review(entry: Entry[ExpenseReviewed]) -> str:
    fact = entry.fact
    amount = "" if fact.resultat_review is ExpenseResultat.REJECTED else f" med {kroner(fact.accepted_oere)}"
    code = f", kode: {fact.code.dansk}" if fact.code else ""
    return f"{fact.resultat_review.dansk}{amount} {on(entry.occurred_on)}{code}, begrundelse: {quoted(fact.reason)}"
