"""How long does `edactl plan` take over 10,000 streams of which none has changed?"""
import statistics
import sys

from report import Row, seconds

LIMIT = 1.0


def measure(bench):
    count = bench.size(10_000)
    world = bench.filled(count)
    streams = world.manifests("live", count)
    world.young_facts()
    said = world.edactl("plan", "-f", streams)
    if f"{count} unchanged" not in said:
        sys.exit(f"bench: a plan of what is there says {said[-300:]}")
    taken = [world.once(world.program("edactl"), "plan", "-f", streams, "--timeout", "600s") for _ in range(bench.runs(5))]
    mine = statistics.median(taken)
    yield Row("plan_10k", f"edactl plan over {count} unchanged streams", seconds(mine), seconds(LIMIT), f"{mine / LIMIT:.2f}x",
              f"< {LIMIT:g} s", mine < LIMIT, f"median of {len(taken)}, facts at most 60 s old", {"ours": taken, "limit": LIMIT})
