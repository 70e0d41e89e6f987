"""A `curl` of the few options that docs/api.md uses, so that its commands run also where there is none.

On the standard library alone: each call is a process, and reading in a better client takes it longer than the answer.
"""

import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

WITH_VALUE = {"-H", "-d", "-X", "--retry"}
RETRY = 0.2


def main(arguments):
    given, flags, url = read(arguments)
    headers = dict(one.split(": ", 1) for one in given.get("-H", []))
    data = given.get("-d", [None])[0]
    method = given.get("-X", ["GET" if data is None else "POST"])[0]
    tries = int(given.get("--retry", [0])[0]) + 1
    answer = ask(tries, method, urlsplit(url), headers, data)
    if "-i" in flags:
        head = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        sys.stdout.write(
            "\n".join([*head, *(f"{name.lower()}: {value}" for name, value in answer.getheaders()), "", ""])
        )
    sys.stdout.write(f"{answer.read().decode()}\n")


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
    path = f"{url.path}?{url.query}" if url.query else url.path
    for left in reversed(range(tries)):
        connection = HTTPConnection(url.netloc)
        try:
            connection.request(method, path, None if data is None else data.encode(), headers)
        except ConnectionRefusedError:
            if not left:
                raise
            time.sleep(RETRY)
        else:
            return connection.getresponse()
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
