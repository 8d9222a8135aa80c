"""What do the everyday commands cost beside a bare client, with 2,000 services and 20,000 streams, and how do lists and graph questions grow?"""
import statistics

from growth.measure import AT_MOST, LIVE, exponent, grow
from report import Row, seconds, times

SIZES = (1000, 2000, 5000, 10_000, 20_000)
SERVICES = 10  # streams to one service
FEW = 20  # services of the team whose lists are short
BARE, BESIDE = 1.5, 0.010
STREAM = "live.00007"
# Each answers with at most 100 rows and neither searches, draws nor asks a broker.
COMMANDS = ("get teams", "get services --team few", "get domains", "get tags", "describe service svc.00007",
            f"describe stream {STREAM} --cluster local", f"get stream {STREAM} --cluster local -o yaml", f"history stream {STREAM} --cluster local",
            "explain stream.retention", "new service mine --team few", "operation list", "config view --origins",
            "service transfer svc.00003 --to bench --dry-run", "team rename few many --dry-run")
GROWING = {"get services -o name": "services", f"topology downstream {STREAM} -o name": "what follows from a stream",
           f"topology upstream {STREAM} -o name": "what leads to a stream", "topology orphans -o name": "what stands apart"}


def services(world, begin, end):
    """Each reads one stream that a few others read too."""
    path = world.folder / f"services-{begin}.yaml"
    with path.open("w") as out:
        out.write("apiVersion: eda/v1\nkind: Team\nmetadata: {name: few}\n")
        for i in range(begin, end):
            team, domain = ("few" if i < FEW else "bench"), f"d{i % 40}"
            out.write(f"---\napiVersion: eda/v1\nkind: Service\nmetadata: {{name: svc.{i:05d}, team: {team}, domain: {domain}}}\n"
                      f"spec: {{consumes: [{{stream: live.{i % 500:05d}, cluster: local}}]}}\n")
    return str(path)


def measure(bench):
    live, sizes = bench.size(LIVE), [bench.size(size) for size in SIZES]
    grown = {command: [] for command in GROWING}
    with bench.fresh() as world:
        edactl, there = world.program("edactl"), 0
        for size in sizes:
            grow(world, size, live)
            world.edactl("apply", "--yes", "-q", "-f", services(world, there, size // SERVICES))
            there = size // SERVICES
            for command in GROWING:
                taken = [world.once(edactl, *command.split()) for _ in range(bench.runs(7) + 1)]
                grown[command].append(statistics.median(taken[1:]))
        for command in COMMANDS:
            ours, bare = world.alternate(bench.runs(15), [edactl, *command.split()], [world.program("bench_one_call")])
            mine, floor = statistics.median(ours), statistics.median(bare)
            limit = BARE * floor + BESIDE
            yield Row("commands_20k", f"edactl {command}", seconds(mine), seconds(floor), times(mine / floor), f"≤ {BARE}x + {BESIDE * 1000:.0f} ms",
                      mine <= limit, f"{there} services, {sizes[-1]} streams", {"ours": mine, "bare": floor})
    for command, what in GROWING.items():
        e = exponent(sizes, grown[command])
        yield Row("commands_20k", f"edactl {command}: {what}", f"n^{e:.2f}", "n^1", f"{e:.2f}", f"exponent ≤ {AT_MOST:g}", e <= AT_MOST,
                  ", ".join(f"{size}: {seconds(value)}" for size, value in zip(sizes, grown[command])), {"sizes": sizes, "seconds": grown[command]})
