"""How facts are kept: bytes, seals, keys, the two recorders and the ledger on top of them."""
