"""More callers than connections to Postgres, by far: they wait, or are told to come back; nothing else happens."""

import http.client
import threading
import time
import urllib.parse
from collections import Counter

from processes import Command
from watch import check

CLIENTS = 200
CALLS = 5
POOL = 3


def calls(world, edad, outcomes, start):
    """One client of the JSON API."""
    web = http.client.HTTPConnection(urllib.parse.urlsplit(edad.web).netloc, timeout=60)
    start.wait()
    for _ in range(CALLS):
        web.request("POST", "/eda.catalog.v1.CatalogService/ListObjects", '{"kind":"Team"}', {
            "Content-Type": "application/json", "Authorization": f"Bearer {world.variables['EDACTL_TOKEN']}"})
        answer = web.getresponse()
        words = answer.read().decode()
        busy = answer.status == 429 and "try again" in words
        outcomes.append("ok" if answer.status == 200 else "busy" if busy else f"status {answer.status}: {words[:200]}")


def over_http(world, edad):
    outcomes, start = [], threading.Event()
    threads = [threading.Thread(target=calls, args=(world, edad, outcomes, start)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    start.set()
    for thread in threads:
        thread.join(90)
    return Counter(outcomes)


def with_the_command(world, edad):
    """As many `edactl apply`, each of a stream of its own."""
    variables = world.environment(EDACTL_SERVER=edad.grpc)
    runs = []
    for number in range(CLIENTS):
        path = world.folder / f"crowd-{number}.yaml"
        path.write_text(f"apiVersion: eda/v1\nkind: Team\nmetadata: {{name: crowd-{number:03}}}\nspec: {{}}\n")
        runs.append(Command([world.edactl, "apply", "-f", str(path), "--yes", "--set", f"crowd-{number}"], variables))
    outcomes = Counter()
    for run in runs:
        run.wait(90)
        busy = run.code == 1 and "try again" in run.words()
        outcomes["ok" if run.code == 0 else "busy" if busy else f"exit {run.code}: {run.words()[-200:]}"] += 1
    return outcomes


def waits_or_is_told(world):
    edad = world.start_edad("crowded", database_pool=POOL).await_ready()
    told = {}
    try:
        for how, crowd in (("calls of the JSON API", over_http), ("edactl apply", with_the_command)):
            began = time.monotonic()
            told[how] = crowd(world, edad)
            told[how]["seconds"] = round(time.monotonic() - began)
            wrong = {what: count for what, count in told[how].items() if what not in ("ok", "busy", "seconds")}
            check(not wrong, f"{how}: {wrong}")
    finally:
        edad.end()
    return "; ".join(f"{CLIENTS} at once on {POOL} connections, {how}: {seen['ok']} ok, {seen['busy']} told to come back, "
                     f"{seen['seconds']} s" for how, seen in told.items())
