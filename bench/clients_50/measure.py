"""What do 50 clients get done that apply manifests of 20 objects at once, beside what pgbench commits with the same INSERTs?"""
import json
import os
import re
import statistics
from pathlib import Path

from report import Row, times

AT_LEAST = 0.5
CLIENTS, OBJECTS = 50, 20


def pgbench(world, seconds):
    """Transactions a second, in a copy of edad's tables."""
    script = Path(__file__).with_name("apply.sql")
    said = world.run("pgbench", "--no-vacuum", "--client", str(CLIENTS), "--jobs", "2", "--time", str(seconds), "--file", str(script),
                     world.env["EDA_POSTGRES_URL"].rsplit("/", 1)[0] + "/pgbench")
    return float(re.search(r"tps = ([\d.]+)", said)[1])


def measure(bench):
    length = 2 if bench.quick else 10
    with bench.fresh() as world:
        url = world.env["EDA_POSTGRES_URL"]
        world.run("psql", "-q", url, "-c", "CREATE DATABASE pgbench")
        tables = world.run("pg_dump", "--schema-only", url)
        copy = world.folder / "tables.sql"
        copy.write_text(tables)
        world.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(copy), url.rsplit("/", 1)[0] + "/pgbench")
        world.team()
        applies, commits, tails, stale = [], [], [], 0
        clients = world.program("bench_clients")
        for turn in range(bench.runs(5)):
            done = json.loads(world.run(clients, str(CLIENTS), str(length), str(OBJECTS), f"t{turn}", "Team"))
            applies.append(done["applies"] / done["seconds"])
            tails.append(done["p99"])
            stale += done["stale"]
            commits.append(pgbench(world, length))
        streams = json.loads(world.run(clients, str(CLIENTS), str(length), str(OBJECTS), "s", "Stream"))
    mine, theirs = statistics.median(applies), statistics.median(commits)
    note = f"p99 {statistics.median(tails):.3f} s, {stale} stale, nothing else refused; {os.cpu_count()} CPUs for all"
    yield Row("clients_50", f"{CLIENTS} clients applying {OBJECTS} objects each, without a broker", f"{mine:.0f}/s", f"{theirs:.0f}/s",
              times(mine / theirs), f"≥ {AT_LEAST:g}x", mine / theirs >= AT_LEAST, note,
              {"ours": applies, "peer": commits, "p99": tails})
    yield Row("clients_50", f"{CLIENTS} clients applying {OBJECTS} streams each, tried out on the broker",
              f"{streams['applies'] / streams['seconds']:.0f}/s", "", "", "", None, f"p99 {streams['p99']:.3f} s, {streams['stale']} stale",
              streams)
