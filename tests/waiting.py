"""Waiting for a service that was started in a process of its own."""

import time

import httpx2

SECONDS = 30


def until_served(address):
    """Returns when the service at an address answers; fails when it does not."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            if httpx2.get(f"{address}/healthz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        assert time.monotonic() < until, f"{address} does not answer"
        time.sleep(0.1)
