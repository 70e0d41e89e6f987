"""The service: what the ledger offers over HTTP. Each module with a `router` is part of it."""
