"""A `curl` of the few options that docs/api.md uses, so that its commands run also where there is none."""

import sys
import time

import httpx2

WITH_VALUE = {"-H", "-d", "-X", "--retry"}
RETRY = 0.2


def main(arguments):
    given, flags, url = read(arguments)
    headers = [tuple(one.split(": ", 1)) for one in given.get("-H", [])]
    data = given.get("-d", [None])[0]
    method = given.get("-X", ["GET" if data is None else "POST"])[0]
    tries = int(given.get("--retry", [0])[0]) + 1
    answer = ask(tries, method, url, headers, data)
    if "-i" in flags:
        head = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
        sys.stdout.write("\n".join([*head, *(f"{name}: {value}" for name, value in answer.headers.items()), "", ""]))
    sys.stdout.write(f"{answer.text}\n")


def read(arguments):
    given, flags, urls = {}, set(), []
    rest = iter(arguments)
    for one in rest:
        if one in WITH_VALUE:
            given.setdefault(one, []).append(next(rest))
        elif one.startswith("-"):
            flags.add(one)
        else:
            urls.append(one)
    (url,) = urls
    return given, flags, url


def ask(tries, method, url, headers, data):
    for left in reversed(range(tries)):
        try:
            return httpx2.request(method, url, headers=headers, content=None if data is None else data.encode())
        except httpx2.ConnectError:
            if not left:
                raise
            time.sleep(RETRY)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
