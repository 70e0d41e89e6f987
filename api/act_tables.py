"""Settlements, plans, rates and the clock's work as tables for people."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console

from api.tables import by_number, new_table
from commands.rates import RateInForce
from commands.settlement import Settlement
from commands.system_clock import Ticked
from ledger.facts.sentence import danish_day, kroner
from ledger.law.instalments import Instalment

_AMOUNTS: Final = ("Bevilget", "Anerkendt", "Betales tilbage", "Egen udgift")


def print_settlement(console: Console, one: Settlement) -> None:
    """What a year comes to."""
    received = "modtaget" if one.accounts is not None else "ikke modtaget; intet kan kræves tilbage endnu"
    console.print(f"Budgetår {one.year}, opgjort {danish_day(one.as_of)}. Familiens regnskab er {received}.")
    if not one.posts and not one.not_accepted:
        console.print("Der er hverken bevillinger eller udgifter.")
        return
    table = new_table("Post", "Navn", *_AMOUNTS, right=_AMOUNTS)
    for post in sorted(one.posts, key=lambda post: by_number(post.post)):
        amounts = (post.approved_oere, post.accepted_oere, post.repay_oere, post.own_cost_oere)
        table.add_row(post.post, str(post.name or "–"), *map(kroner, amounts))
    total = (sum(post.approved_oere for post in one.posts), one.accepted_oere, one.repay_oere, one.own_cost_oere)
    table.add_row("I alt", "", *map(kroner, total))
    console.print(table)
    if one.repay_oere > one.most_to_claim_oere:
        most = kroner(one.most_to_claim_oere)
        console.print(f"Familien har kun fået {most} mere, end den har brugt; mere kan ikke kræves tilbage.")
    _print_not_accepted(console, one)


def _print_not_accepted(console: Console, one: Settlement) -> None:
    if not one.not_accepted:
        console.print("Alle udgifter er anerkendt.")
        return
    table = new_table("Udgift", "Post", "Betalt", "Hvad", "Beløb", "Anerkendt", "Grund", right=("Beløb", "Anerkendt"))
    for expense in one.not_accepted:
        table.add_row(
            expense.expense,
            expense.post or "–",
            expense.paid_on.isoformat(),
            str(expense.description),
            kroner(expense.amount_oere),
            kroner(expense.accepted_oere),
            expense.code.dansk if expense.code else "–",
        )
    console.print(table)


def print_plan(console: Console, plan: Sequence[Instalment]) -> None:
    """The instalments that a year's option-a posts are paid in."""
    if not plan:
        console.print("Der er ingen rater at betale.")
        return
    table = new_table("Rate", "Betales", "Beløb", right=("Rate", "Beløb"))
    for one in plan:
        table.add_row(str(one.number), one.pay_on.isoformat(), kroner(one.amount_oere))
    console.print(table)


def print_rates(console: Console, rates: Sequence[RateInForce]) -> None:
    """Rates in force, with where they come from."""
    if not rates:
        console.print("Der er ikke registreret satser for den dag.")
        return
    table = new_table("Sats", "Art", "Fra", "Værdi", "Sikkerhed", "Kilde", "Registreret")
    for one in rates:
        value = str(one.value) if one.amount_oere is None else kroner(one.amount_oere)
        where = " og ".join(one.registered_by) if one.version else "regelsættet"
        table.add_row(
            one.name, one.kind.dansk, one.valid_from.isoformat(), value, one.certainty.dansk, one.source, where
        )
    console.print(table)


def print_ticks(console: Console, ticks: Sequence[Ticked]) -> None:
    """What the clock recorded."""
    recorded = [one for one in ticks if one.version is not None]
    for one in recorded:
        console.print(f"{one.case_number}: {one.sentence} Registreret pr. {danish_day(one.occurred_on)}.")
    if not recorded:
        console.print("Der var intet at registrere.")


def print_notices(console: Console, notices: Sequence[str]) -> None:
    """What should be known about what was recorded."""
    for one in notices:
        console.print(f"Bemærk: {one}")
