"""How do a plan and a drift round grow from 1,000 to 20,000 streams in the database, 5,000 of their topics live?"""
import math
import statistics

from report import Row

AT_MOST = 1.1
LIVE = 5000
SIZES = (1000, 2000, 5000, 10_000, 20_000)
# Beyond the live topics, further clusters stand for the same broker. They are only observed, and their streams adopt the same topics.
CLUSTER = """apiVersion: eda/v1
kind: Cluster
metadata: {{name: {name}}}
spec: {{bootstrap: ["{bootstrap}"], security: SASL_PLAINTEXT, mechanism: SCRAM-SHA-512, username: edad, password: "file:kafka-local"}}
"""


def exponent(sizes, values):
    """Of values ~ sizes^e, by least squares of the logarithms."""
    xs, ys = [math.log(size) for size in sizes], [math.log(value) for value in values]
    x, y = statistics.mean(xs), statistics.mean(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / sum((a - x) ** 2 for a in xs)


def observe(world, name):
    path = world.folder / f"{name}.yaml"
    path.write_text(CLUSTER.format(name=name, bootstrap=world.env["EDA_KAFKA_BOOTSTRAP"]))
    world.edactl("apply", "--yes", "-q", "-f", str(path))


def adopt(world, name, count):
    for begin in range(0, count, 1000):
        topics = [f"live.{i:05d}" for i in range(begin, min(begin + 1000, count))]
        world.edactl("stream", "adopt", *topics, "--cluster", name, "--team", "bench", "--yes", "-q")


def grow(world, size, live):
    """So many streams in all; the clusters and files that hold them."""
    world.fill(min(size, live))
    clusters = ["local"] + [f"copy{i}" for i in range(1, math.ceil(size / live))]
    for name in clusters[1:]:
        if not (world.folder / f"{name}.yaml").exists():
            observe(world, name)
            adopt(world, name, live)
    each = min(size, live)
    return clusters, [word for name in clusters for word in ("-f", world.manifests("live", each, 0, name))]


def measure(bench):
    live, sizes = bench.size(LIVE), [bench.size(size) for size in SIZES]
    plans, drifts = [], []
    with bench.fresh() as world:
        edactl = world.program("edactl")
        for size in sizes:
            clusters, files = grow(world, size, live)
            world.young_facts(clusters)
            plans.append(statistics.median(world.once(edactl, "plan", *files, "--timeout", "600s") for _ in range(bench.runs(5))))
            drifts.append(statistics.median(world.drift_rounds(bench.runs(3), clusters)))
    for what, values in (("edactl plan", plans), ("drift rounds", drifts)):
        e = exponent(sizes, values)
        note = ", ".join(f"{size}: {value:.2f} s" for size, value in zip(sizes, values))
        yield Row("growth", f"{what} from {sizes[0]} to {sizes[-1]} streams, {live} live", f"n^{e:.2f}", "n^1", f"{e:.2f}",
                  f"exponent ≤ {AT_MOST:g}", e <= AT_MOST, note, {"sizes": sizes, "seconds": values, "exponent": e})
