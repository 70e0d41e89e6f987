"""Tilbagebetaling: how the claim for unused money came about, post by post."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ledger.facts.accounts import (
    AccountsReceived,
    AccountsReviewed,
    ClaimAdjustmentCause,
    TilbagebetalingskravAdjusted,
    TilbagebetalingskravIssued,
)
from ledger.facts.budget import Option
from ledger.facts.decision import HearingSubject, PartshoeringSent
from ledger.facts.entry import Entry
from ledger.facts.history import History, history
from ledger.facts.sentence import kroner, listed
from projections.balances import PostRow, YearRow, tell
from replay.answers import Asked, Found, question
from replay.answers.common import as_of, decided_by
from replay.answers.wording import joined, on, versions_of


@question(35, "Hvordan blev tilbagebetalingskravet beregnet, post for post?")
def claim_post_by_post(asked: Asked, year: int | None = None) -> Found:
    """The settlement as it stood the day the claim was sent; without a claim, as it stands now."""
    claims = [one for one in asked.told.of(TilbagebetalingskravIssued) if year in (None, one.fact.year)]
    if claims:
        return _claimed(asked, claims[-1])
    received = [one for one in asked.told.of(AccountsReceived) if year in (None, one.fact.year)]
    which = f" for {year}" if year else ""
    if not received:
        nothing = f"Sagen har intet krav om tilbagebetaling{which} {as_of(asked)}"
        return Found(
            f"{nothing}, og der er ikke modtaget et regnskab at beregne det af.", missing=(f"Regnskab{which}",)
        )
    return _settled(asked, received[-1])


def _settled(asked: Asked, received: Entry[AccountsReceived]) -> Found:
    year = received.fact.year
    row = _posts(asked.history, year)
    return Found(
        joined(f"Der er ikke rejst krav om tilbagebetaling for {year}.", *_calculation(row, "Regnskabet viser")),
        _data(row),
        {received.version, *_rests_on(row)},
    )


def _claimed(asked: Asked, claim: Entry[TilbagebetalingskravIssued]) -> Found:
    fact = claim.fact
    row = _posts(history(asked.history.recorded, as_of=claim.occurred_on), fact.year)
    course, others = _course(asked, claim), _other_years(asked, claim)
    who = f"rejst {on(claim.occurred_on)} af {decided_by(asked, claim)}"
    return Found(
        joined(
            f"Kravet for {fact.year}, {who}, er på {kroner(fact.amount_oere)}",
            *_calculation(row, "Det er"),
            *_deviations(claim, row),
            *(sentence for entry in course for sentence in _step(entry)),
            f"Der er også rejst krav for {listed(map(str, others))}." if others else None,
        ),
        {"claim": claim.version, "amount_oere": fact.amount_oere} | _data(row),
        {*_rests_on(row), *versions_of([claim], course), *claim.pointers("accounts"), *claim.pointers("hearing")},
        () if row else (f"Bevillinger og regnskab for {fact.year}",),
    )


def _other_years(asked: Asked, claim: Entry[TilbagebetalingskravIssued]) -> list[int]:
    claimed = {one.fact.year for one in asked.told.of(TilbagebetalingskravIssued)}
    return sorted(claimed - {claim.fact.year})


def _posts(seen: History, year: int) -> YearRow | None:
    """The year's posts; None when neither grants, payments nor accounts are told of it."""
    return tell(seen, lambda _: None).balances.get(str(year))


def _in_order(posts: Mapping[str, PostRow]) -> list[tuple[str, PostRow]]:
    """P2 before P10."""
    return sorted(posts.items(), key=lambda post: (len(post[0]), post[0]))


def _calculation(row: YearRow | None, begins: str) -> Iterator[str]:
    """What was granted less what was accepted, for each post; no post pays for another."""
    if row is None:
        yield "Der er hverken registreret bevillinger eller regnskab for året at beregne det af."
        return
    posts = _in_order(row.posts)
    due = "; ".join(f"{_name(name, post)} {_difference(post)}" for name, post in posts if post.repay_oere)
    total = kroner(row.total.repay_oere or 0)
    if due:
        yield f"{begins} for hver post det bevilgede minus det godkendte: {due}; i alt {total}"
    else:
        yield "Ingen post har mindre godkendt end bevilget."
    own = [f"{name} ({kroner(post.own_cost_oere)})" for name, post in posts if post.own_cost_oere]
    if own:
        yield f"Merforbruget på {listed(own)} bæres af familien og modregnes ikke."
    paid = [name for name, post in posts if post.option is Option.B]
    if paid:
        yield f"På {listed(paid)} betaler kommunen selv leverandør eller løn, så der er intet at betale tilbage."


def _name(post: str, row: PostRow) -> str:
    return f"{post} ({row.name})" if row.name is not None else post


def _difference(row: PostRow) -> str:
    return f"{kroner(row.approved_oere)} − {kroner(row.accepted_oere)} = {kroner(row.repay_oere or 0)}"


def _deviations(claim: Entry[TilbagebetalingskravIssued], row: YearRow | None) -> Iterator[str]:
    """Where the claim says something else than the settlement."""
    if row is None:
        return
    computed = row.total.repay_oere
    if computed is None:
        yield "Regnskabet for året var ikke modtaget, så kravet kan ikke holdes op mod det."
        return
    if claim.fact.amount_oere != computed:
        yield f"Kravet er {_more_or_less(claim.fact.amount_oere, computed)} end beregningen."
    for one in claim.fact.per_post:
        due = row.posts[one.post].repay_oere or 0 if one.post in row.posts else 0
        if one.repay_oere != due:
            yield f"Kravet siger {kroner(one.repay_oere)} for {one.post}; beregningen giver {kroner(due)}"


def _more_or_less(claimed: int, computed: int) -> str:
    return f"{kroner(abs(claimed - computed))} {'større' if claimed > computed else 'mindre'}"


def _rests_on(row: YearRow | None) -> set[int]:
    """What the posts rest on; not the instalments, which say nothing of what the money was used for."""
    return {version for post in (row.posts if row else {}).values() for version in post.entries}


def _course(asked: Asked, claim: Entry[TilbagebetalingskravIssued]) -> list[Entry[Any]]:
    """What came before and after the claim, in the order it happened."""
    steps = [*_hearings(asked, claim), *_reviews(asked, claim), *_adjustments(asked, claim)]
    return sorted(steps, key=lambda one: (one.occurred_on, one.version))


def _hearings(asked: Asked, claim: Entry[TilbagebetalingskravIssued]) -> Sequence[Entry[PartshoeringSent]]:
    pointed = claim.pointers("hearing")
    return [one for one in asked.told.of(PartshoeringSent) if one.version in pointed and _is_of_money(one)]


def _is_of_money(hearing: Entry[PartshoeringSent]) -> bool:
    return hearing.fact.subject is HearingSubject.TILBAGEBETALING


def _reviews(asked: Asked, claim: Entry[TilbagebetalingskravIssued]) -> Sequence[Entry[AccountsReviewed]]:
    return [one for one in asked.told.of(AccountsReviewed) if one.pointers("accounts") == claim.pointers("accounts")]


def _adjustments(
    asked: Asked, claim: Entry[TilbagebetalingskravIssued]
) -> Sequence[Entry[TilbagebetalingskravAdjusted]]:
    return [one for one in asked.told.of(TilbagebetalingskravAdjusted) if claim.version in one.pointers("claim")]


def _step(entry: Entry[Any]) -> Iterator[str]:
    """One step of the claim before or after it was sent."""
    match entry.fact:
        case PartshoeringSent(proposed_oere=int(proposed)):
            yield f"I partshøringen {on(entry.occurred_on)} var det foreslåede krav {kroner(proposed)}"
        case AccountsReviewed() as fact:
            yield f"Gennemgangen {on(entry.occurred_on)} nåede foreløbigt til {kroner(fact.provisional_repay_oere)}"
        case TilbagebetalingskravAdjusted(new_amount_oere=0, cause=ClaimAdjustmentCause.WAIVED):
            yield f"Kravet blev frafaldet {on(entry.occurred_on)}."
        case TilbagebetalingskravAdjusted(new_amount_oere=0) as fact:
            yield f"Kravet blev frafaldet {on(entry.occurred_on)}; årsag: {fact.cause.dansk}."
        case TilbagebetalingskravAdjusted() as fact:
            changed = f"{kroner(fact.old_amount_oere)} til {kroner(fact.new_amount_oere)}"
            yield f"{on(entry.occurred_on).capitalize()} blev kravet ændret fra {changed}; årsag: {fact.cause.dansk}."


def _data(row: YearRow | None) -> dict[str, Any]:
    if row is None:
        return {"posts": {}, "repay_oere": None, "own_cost_oere": None}
    names = ("approved_oere", "accepted_oere", "repay_oere", "own_cost_oere", "option", "name")
    posts = {post: {name: getattr(one, name) for name in names} for post, one in _in_order(row.posts)}
    return {"posts": posts, "repay_oere": row.total.repay_oere, "own_cost_oere": row.total.own_cost_oere}
