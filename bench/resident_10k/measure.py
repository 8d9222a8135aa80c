"""How much memory does edad hold with 10,000 streams, after plans and a drift round?"""
from report import Row

LIMIT = 150  # MB


def measure(bench):
    count = bench.size(10_000)
    world = bench.filled(count)
    streams = world.manifests("live", count)
    world.restart_edad()
    for _ in range(bench.runs(5)):
        world.edactl("plan", "-f", streams)
    world.young_facts()
    resident, peak = world.memory("edad")
    note = f"since its start, {bench.runs(5)} plans and drift rounds"
    for what, value in (("resident", resident), ("at its peak", peak)):
        yield Row("resident_10k", f"edad {what} with {count} streams", f"{value:.0f} MB", f"{LIMIT} MB", f"{value / LIMIT:.2f}x",
                  f"< {LIMIT} MB", value < LIMIT, note, {"ours": value, "limit": LIMIT})
