"""Identity: from the credentials of a request, or of the command line, to the principal they prove."""

from api.identity.choice import identity_of
from api.identity.hosts import refuse_unsafe
from api.identity.local import LocalIdentity, local_user, local_users
from api.identity.oidc import OidcIdentity
from api.identity.proof import Identity, bearer

__all__ = [
    "Identity",
    "LocalIdentity",
    "OidcIdentity",
    "bearer",
    "identity_of",
    "local_user",
    "local_users",
    "refuse_unsafe",
]
