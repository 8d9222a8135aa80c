"""The last witness: the broker's whole metadata log, read by Kafka's own tool."""

import json
import os
import re
import subprocess
from collections import Counter

from watch import check


def nothing_made_twice(world):
    """Over all scenarios: each topic was created once, ever, none was removed, and there is an event for each."""
    segments = ",".join(str(path) for path in sorted((world.broker_data / "__cluster_metadata-0").glob("*.log")))
    done = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{world.variables['EDA_KAFKA_HOME']}/libs/*",
         "org.apache.kafka.tools.DumpLogSegments", "--cluster-metadata-decoder", "--files", segments],
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60, check=False)
    check(done.returncode == 0, f"DumpLogSegments: exit {done.returncode}: {done.stderr[-500:]}")
    made, removed = Counter(), 0
    for payload in re.findall(r'payload: (\{"type":"(?:REMOVE_)?TOPIC_RECORD".*\})', done.stdout):
        record = json.loads(payload)
        if record["type"] == "TOPIC_RECORD":
            made[record["data"]["name"]] += 1
        else:
            removed += 1
    streams = {row[0] for row in world.sql("SELECT topic FROM streams")}
    events = int(world.sql("SELECT count(*) FROM events WHERE verb = 'stream.created'")[0][0])
    twice = [name for name, times in made.items() if times > 1]
    check(not twice and not removed, f"created more than once: {twice[:5]}; removed: {removed}")
    check(streams <= set(made), f"streams without a topic: {sorted(streams - set(made))[:5]}")
    check(events == len(streams), f"{events} events, {len(streams)} streams")
    return f"{len(streams)} streams, each topic created once, {events} events"
