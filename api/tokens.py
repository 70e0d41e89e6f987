"""Tokens of the embedded ledger's own users, for the command line and for HTTP on this machine."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from api.principal import Principal
from api.settings import Settings
from api.terminal import Format, FormatOption, app, show
from ledger.errors import Fault, Invalid, SagsbogError


@app.command()
def token(
    user: Annotated[str | None, typer.Argument(metavar="USER", help="lokal bruger, fx u-aa-karen")] = None,
    listed: Annotated[bool, typer.Option("--list", help="vis de lokale brugere")] = False,
    how: FormatOption = Format.TABLE,
) -> None:
    """Laver et token til en af de opdigtede lokale brugere; det gælder i 12 timer og kun på denne maskine."""
    from api.identity import LocalIdentity, identity_of, local_users  # noqa: PLC0415 - as in api/who.py

    if listed:
        rows = [_row(who) for who in local_users().values()]
        show(rows, lambda console: _print_users(console, rows), how)
        return
    if user is None:
        raise Invalid(Fault("USER", "angiv en lokal bruger, eller se dem med: sagsbog token --list"))
    identity = identity_of(Settings())
    if not isinstance(identity, LocalIdentity):
        raise SagsbogError("Her udsteder login-tjenesten (SAGSBOG_OIDC_ISSUER) tokens; lokale brugere gælder ikke.")
    sys.stdout.write(identity.token(user) + "\n")


def _row(who: Principal) -> dict[str, str | None]:
    actor = who.actor
    return {
        "user_id": actor.user_id, "name": actor.name, "municipality": who.municipality, "unit": actor.unit,
        "role": actor.role,
    }  # fmt: skip


def _print_users(console: Console, rows: list[dict[str, str | None]]) -> None:
    for row in rows:
        console.print(f"{row['user_id']:<14} {row['role']:<18} {row['municipality']:<8} {row['name']}")
