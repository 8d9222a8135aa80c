"""Looking: conditions with a deadline, processes, sockets, HTTP.

Nothing here sleeps to let something happen: `until` polls a condition and gives up loudly at its deadline.
"""

import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


class Failed(Exception):
    """What a scenario expected and did not find."""


def check(holds, what):
    if not holds:
        raise Failed(what)


def until(condition, seconds, what, pause=0.02):
    """The first true value of `condition`; Failed when there is none in so many seconds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise Failed(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(pause)


def alive(pid):
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def sockets():
    """(local port, remote port, state, unread bytes) of each TCP socket here."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, remote, state, queues = line.split()[:5]
            yield (int(local.rsplit(":", 1)[1], 16), int(remote.rsplit(":", 1)[1], 16), int(state, 16),
                   int(queues.split(":")[1], 16))


def http(url):
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""


def say(line):
    print(line, flush=True)


def note(line):
    """For whoever looks on; not part of the report."""
    print(f"    {line}", file=sys.stderr, flush=True)
