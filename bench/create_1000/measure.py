"""How long until 1,000 new streams are there, beside the same topics by one CreateTopics, one at a time, and by Kafka's own tool?"""
import statistics
import sys
import time

from report import Row, seconds, times

SLOWER_AT_MOST = 1.0  # seconds above one CreateTopics
FASTER_AT_LEAST = 10  # times a topic at a time
TOOL_RUNS = 20


def fresh(bench, act):
    """On a broker and an edad that have made ten topics and no more: the next thousand cost a broker several times the first."""
    with bench.fresh() as world:
        world.team()
        world.edactl("apply", "--yes", "-q", "-f", world.manifests("warm", 10))
        world.peer("create", "warmer", 10)
        return act(world)


def measure(bench):
    count = bench.size(1000)

    def apply(world):
        streams = world.manifests("ours", count)
        began = time.perf_counter()
        world.edactl("apply", "--yes", "-q", "-f", streams)
        took = time.perf_counter() - began
        # edactl ends when edad has seen all of them by Metadata and DescribeConfigs; another client's first look has to agree.
        world.peer("check", "ours", count)
        return took

    def create(world):
        return world.peer("create", "peer", count)[0]

    def one_by_one(world):
        some = count // 10
        loop = [taken * count / some for taken in world.peer("loop", "loop", some)]
        tool = [world.once(*world.java_tool("TopicCommand", "--create", "--topic", f"tool.{i}", "--partitions", "1",
                                            "--replication-factor", "1", "--config", "retention.ms=604800000"))
                for i in range(bench.runs(TOOL_RUNS))]
        return loop, tool, world.kafka_version()

    ours, peer = [], []
    for turn in range(bench.runs(5)):
        ours.append(fresh(bench, apply))
        peer.append(fresh(bench, create))
        print(f"bench: run {turn + 1}: {seconds(ours[-1])}, one CreateTopics {seconds(peer[-1])}", file=sys.stderr)
    loop, tool, kafka = fresh(bench, one_by_one)
    mine, theirs = statistics.median(ours), statistics.median(peer)
    alone, by_tool = statistics.median(loop), statistics.median(tool) * count
    note = f"medians of {len(ours)} on fresh brokers, Kafka {kafka}"
    yield Row("create_1000", f"plan + apply of {count} new streams, against one CreateTopics", seconds(mine), seconds(theirs),
              f"{mine - theirs:+.2f} s", f"≤ +{SLOWER_AT_MOST:g} s", mine - theirs <= SLOWER_AT_MOST, note, {"ours": ours, "peer": peer})
    yield Row("create_1000", "the same, against a topic-at-a-time client", seconds(mine), seconds(alone),
              times(alone / mine), f"≥ {FASTER_AT_LEAST}x", alone / mine >= FASTER_AT_LEAST,
              f"librdkafka, {count // 10} topics, scaled", {"ours": ours, "peer": loop})
    yield Row("create_1000", "the same, against kafka-topics --create", seconds(mine), seconds(by_tool), times(by_tool / mine),
              f"≥ {FASTER_AT_LEAST}x", by_tool / mine >= FASTER_AT_LEAST, f"{len(tool)} runs, scaled", {"ours": ours, "peer": tool})
