"""How long does a comparison of all live topics with their wishes take, beside one Metadata and DescribeConfigs of the same?"""
import statistics

from report import Row, seconds, times

AT_MOST = 2.0


def measure(bench):
    count = bench.size(5000)
    world = bench.filled(count)
    ours, peer = [], []
    command = [world.program("edactl"), "stream", "drift", "-o", "name", "--timeout", "600s"]
    world.peer("look", "live", count)
    world.once(*command)
    for _ in range(bench.runs(5)):
        peer += world.peer("look", "live", count)
        ours.append(world.once(*command))
    mine, theirs = statistics.median(ours), statistics.median(peer)
    yield Row("drift_5k", f"edactl stream drift over {count} live topics", seconds(mine), seconds(theirs), times(mine / theirs),
              f"≤ {AT_MOST:g}x", mine / theirs <= AT_MOST, "one Metadata + DescribeConfigs through librdkafka",
              {"ours": ours, "peer": peer})
    rounds = world.metric('eda_worker_round_seconds_count{worker="drift"}')
    if rounds:
        mean = world.metric('eda_worker_round_seconds_sum{worker="drift"}') / rounds
        yield Row("drift_5k", "rounds of the worker meanwhile, mean", seconds(mean), "", "", "", None, f"{rounds:.0f} rounds",
                  {"ours": mean})
