"""How long does a drift round over 5,000 live topics take, beside one Metadata and DescribeConfigs of the same?"""
import statistics

from report import Row, seconds, times

AT_MOST = 2.0


def measure(bench):
    count = bench.size(5000)
    world = bench.filled(count)
    rounds, asked, peer = [], [], []
    command = [world.program("edactl"), "stream", "drift", "-o", "name", "--timeout", "600s"]
    world.young_facts()
    for _ in range(bench.runs(5)):
        peer += world.peer("look", "live", count)
        rounds += world.drift_rounds(1)
        asked.append(world.once(*command))
    theirs = statistics.median(peer)
    mine, command_took = statistics.median(rounds), statistics.median(asked)
    note = f"medians of {len(rounds)}; beside one Metadata + DescribeConfigs through librdkafka"
    yield Row("drift_5k", f"a drift round over {count} live topics", seconds(mine), seconds(theirs), times(mine / theirs),
              f"≤ {AT_MOST:g}x", mine / theirs <= AT_MOST, note, {"ours": rounds, "peer": peer})
    yield Row("drift_5k", "the same on demand: edactl stream drift", seconds(command_took), seconds(theirs),
              times(command_took / theirs), "", None, "", {"ours": asked, "peer": peer})
