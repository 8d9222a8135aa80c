"""How long does `edactl get streams -o json` take with 10,000 rows?"""
import json
import statistics
import sys

from report import Row, seconds

LIMIT = 0.5


def measure(bench):
    count = bench.size(10_000)
    world = bench.filled(count)
    command = ["get", "streams", "-o", "json"]
    rows = len(json.loads(world.edactl(*command))["objects"])
    if rows != count:
        sys.exit(f"bench: {rows} streams instead of {count}")
    taken = [world.once(world.program("edactl"), *command) for _ in range(bench.runs(5))]
    mine = statistics.median(taken)
    yield Row("get_10k", f"edactl get streams -o json, {count} rows", seconds(mine), seconds(LIMIT), f"{mine / LIMIT:.2f}x",
              f"< {LIMIT:g} s", mine < LIMIT, f"median of {len(taken)}", {"ours": taken, "limit": LIMIT})
