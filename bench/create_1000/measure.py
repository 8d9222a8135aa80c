"""How long until 1,000 new streams are there, beside the same topics by one CreateTopics, one at a time, and by Kafka's own tool?"""
import statistics
import time

from report import Row, seconds, times

SLOWER_AT_MOST = 1.0  # seconds above one CreateTopics
FASTER_AT_LEAST = 10  # times a topic at a time
TOOL_RUNS = 20


def measure(bench):
    count = bench.size(1000)
    ours, peer, loop, tool = [], [], [], []

    def apply(world):
        streams = world.manifests("ours", count)
        began = time.perf_counter()
        world.edactl("apply", "--yes", "-q", "-f", streams)
        ours.append(time.perf_counter() - began)
        # edactl ends when edad has seen all of them by Metadata and DescribeConfigs; another client's first look has to agree.
        world.peer("check", "ours", count)

    def create(world):
        peer.extend(world.peer("create", "peer", count))

    for turn in range(bench.runs(5)):
        with bench.fresh() as world:
            world.team()
            world.edactl("apply", "--yes", "-q", "-f", world.manifests("warm", 10))
            world.peer("create", "warmer", 10)
            # Each is the first on every other broker.
            for act in (apply, create) if turn % 2 == 0 else (create, apply):
                act(world)
            if turn == 0:
                some = count // 10
                loop = [taken * count / some for taken in world.peer("loop", "loop", some)]
                for i in range(bench.runs(TOOL_RUNS)):
                    tool.append(world.once(*world.java_tool("TopicCommand", "--create", "--topic", f"tool.{i}", "--partitions", "1",
                                                            "--replication-factor", "1", "--config", "retention.ms=604800000")))
                kafka = world.kafka_version()
    mine, theirs = statistics.median(ours), statistics.median(peer)
    one_by_one, by_tool = statistics.median(loop), statistics.median(tool) * count
    note = f"medians of {len(ours)} on fresh brokers, Kafka {kafka}"
    yield Row("create_1000", f"plan + apply of {count} new streams, against one CreateTopics", seconds(mine), seconds(theirs),
              f"{mine - theirs:+.2f} s", f"≤ +{SLOWER_AT_MOST:g} s", mine - theirs <= SLOWER_AT_MOST, note, {"ours": ours, "peer": peer})
    yield Row("create_1000", "the same, against a topic-at-a-time client", seconds(mine), seconds(one_by_one),
              times(one_by_one / mine), f"≥ {FASTER_AT_LEAST}x", one_by_one / mine >= FASTER_AT_LEAST,
              f"librdkafka, {count // 10} topics, scaled", {"ours": ours, "peer": loop})
    yield Row("create_1000", "the same, against kafka-topics --create", seconds(mine), seconds(by_tool), times(by_tool / mine),
              f"≥ {FASTER_AT_LEAST}x", by_tool / mine >= FASTER_AT_LEAST, f"{len(tool)} runs, scaled", {"ours": ours, "peer": tool})
