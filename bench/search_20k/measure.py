"""How long does `edactl search` take over 20,000 objects, and how does it grow from 1,000?"""
import json
import random
import statistics
import sys

from growth.measure import AT_MOST, exponent
from report import Row

LIMIT = 0.05
NOT_FOUND = 5
SIZES = (1000, 2000, 5000, 10_000, 20_000)
DOMAINS = "sales billing shipping catalog customers payments search fraud analytics loyalty returns pricing inventory".split()
NOUNS = "order cart payment invoice parcel stock price customer address review coupon refund shipment label".split()
VERBS = "placed cancelled updated created settled failed shipped received priced viewed merged removed".split()
# Words that a few objects have, that very many have, that are spelt wrongly, and that nobody has.
QUERIES = {"a name": "billing.orders.settled.77", "a common word": "order", "two words": "refund ship", "a misspelt word": "shipemnt",
           "two misspelt words": "ordres plcaed", "nothing": "zebra"}


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


def measure(bench):
    sizes = [bench.size(size) for size in SIZES]
    medians = {what: [] for what in QUERIES}
    with bench.fresh() as world:
        edactl = world.program("edactl")
        there = 0
        for size in sizes:
            for begin in range(there, size, 5000):
                world.edactl("apply", "-f", manifests(world, begin, min(begin + 5000, size)), "--yes", "-q")
            there = size
            print(f"bench: {there} of {sizes[-1]} objects are there", file=sys.stderr)
            for what, query in QUERIES.items():
                taken = [world.once(edactl, "search", query, "-q", ends=(0, NOT_FOUND)) for _ in range(bench.runs(9) + 1)]
                medians[what].append(statistics.median(taken[1:]))
    for what, values in medians.items():
        mine, e = values[-1], exponent(sizes, values)
        yield Row("search_20k", f"edactl search, {what}: {QUERIES[what]}", f"{mine * 1000:.0f} ms", f"{LIMIT * 1000:.0f} ms", f"{mine / LIMIT:.2f}x",
                  f"< {LIMIT * 1000:.0f} ms, n^{AT_MOST:g}", mine < LIMIT and e <= AT_MOST, f"n^{e:.2f} from {sizes[0]} to {sizes[-1]}",
                  {"sizes": sizes, "seconds": values, "exponent": e, "limit": LIMIT})
