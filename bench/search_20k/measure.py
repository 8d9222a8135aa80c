"""How long does `edactl search` take over 20,000 objects, and how does it grow from 1,000?"""
import json
import random
import statistics
import subprocess
import sys

from growth.measure import AT_MOST, exponent
from report import Row

LIMIT = 0.05
NOT_FOUND = 5
SIZES = (1000, 2000, 5000, 10_000, 20_000)
DOMAINS = "sales billing shipping catalog customers payments search fraud analytics loyalty returns pricing inventory".split()
NOUNS = "order cart payment invoice parcel stock price customer address review coupon refund shipment label".split()
VERBS = "placed cancelled updated created settled failed shipped received priced viewed merged removed".split()
NUMBER = 77  # of the object that is asked for by its name
# Words that a few objects have, that very many have, that are spelt wrongly, and that nobody has.
QUERIES = {"a name": None, "a common word": "order", "two words": "refund ship", "a misspelt word": "shipemnt",
           "two misspelt words": "ordres plcaed", "a letter too many": "custtomer", "a name that nothing has": "billing.orders.settled.x77y", "nothing": "zebra"}


def manifests(world, begin, end):
    """Teams, for they have no broker: what is searched is the same for all kinds."""
    draw = random.Random(begin)
    path = world.folder / f"searched-{begin}.yaml"
    with path.open("w") as out:
        for i in range(begin, end):
            domain, noun, verb = draw.choice(DOMAINS), draw.choice(NOUNS), draw.choice(VERBS)
            out.write("---\n" + json.dumps({
                "apiVersion": "eda/v1", "kind": "Team",
                "metadata": {"name": f"{domain}.{noun}s.{verb}.{i}", "domain": domain, "labels": {"tier": str(i % 3), "unit": f"u{i % 500}"}},
                "spec": {"description": f"A {noun} was {verb} in {domain}, number {i}.", "contacts": {"chat": f"#{noun}-{i % 100}"}}}) + "\n")
    return str(path)


def named(manifest):
    """The name of the object of that number."""
    with open(manifest) as lines:
        return next(document["metadata"]["name"] for document in map(json.loads, (line for line in lines if line.startswith("{")))
                    if document["metadata"]["name"].endswith(f".{NUMBER}"))


def learn(world, edactl):
    """edad learns words each minute, and soon after its start: they are learnt when one of a description is forgiven."""
    world.restart_edad()
    while subprocess.run([edactl, "search", "numbber", "-q"], env=world.env, capture_output=True, check=False).returncode == NOT_FOUND:
        pass


def measure(bench):
    sizes = [bench.size(size) for size in SIZES]
    medians = {what: [] for what in QUERIES}
    with bench.fresh() as world:
        edactl = world.program("edactl")
        queries, there = dict(QUERIES), 0
        for size in sizes:
            for begin in range(there, size, 5000):
                path = manifests(world, begin, min(begin + 5000, size))
                world.edactl("apply", "-f", path, "--yes", "-q")
                queries["a name"] = queries["a name"] or named(path)
            there = size
            learn(world, edactl)
            print(f"bench: {there} of {sizes[-1]} objects are there", file=sys.stderr)
            for what, query in queries.items():
                taken = [world.once(edactl, "search", query, "-q", ends=(0, NOT_FOUND)) for _ in range(bench.runs(9) + 1)]
                medians[what].append(statistics.median(taken[1:]))
    for what, values in medians.items():
        mine, e = values[-1], exponent(sizes, values)
        yield Row("search_20k", f"edactl search, {what}: {queries[what]}", f"{mine * 1000:.0f} ms", f"{LIMIT * 1000:.0f} ms", f"{mine / LIMIT:.2f}x",
                  f"< {LIMIT * 1000:.0f} ms, n^{AT_MOST:g}", mine < LIMIT and e <= AT_MOST, f"n^{e:.2f} from {sizes[0]} to {sizes[-1]}",
                  {"sizes": sizes, "seconds": values, "exponent": e, "limit": LIMIT})
