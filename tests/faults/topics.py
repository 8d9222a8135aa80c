"""What the broker's metadata log says of topics, read by Kafka's own tool: made how often, removed, partitions, configs."""

import json
import os
import re
import subprocess
from collections import Counter, defaultdict

from watch import check

KEPT = re.compile(r'payload: (\{"type":"(?:REMOVE_TOPIC|TOPIC|PARTITION|CONFIG)_RECORD".*\})')


class Topics:
    def __init__(self, world):
        segments = ",".join(str(path) for path in sorted((world.broker_data / "__cluster_metadata-0").glob("*.log")))
        done = subprocess.run(
            ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp",
             f"{world.variables['EDA_KAFKA_HOME']}/libs/*", "org.apache.kafka.tools.DumpLogSegments",
             "--cluster-metadata-decoder", "--files", segments],
            env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=120, check=False)
        check(done.returncode == 0, f"DumpLogSegments: exit {done.returncode}: {done.stderr[-500:]}")
        self.made = Counter()
        self.ids, self.removed = {}, []
        self.partitions = defaultdict(set)
        self.configs = defaultdict(dict)
        for payload in KEPT.findall(done.stdout):
            record = json.loads(payload)
            getattr(self, "on_" + record["type"].lower())(record["data"])

    def on_topic_record(self, data):
        self.made[data["name"]] += 1
        self.ids[data["name"]] = data["topicId"]

    def on_remove_topic_record(self, data):
        self.removed.append(data["topicId"])

    def on_partition_record(self, data):
        self.partitions[data["topicId"]].add(data["partitionId"])

    def on_config_record(self, data):
        of_topic = 2
        if data["resourceType"] != of_topic:
            return
        if data["value"] is None:
            self.configs[data["resourceName"]].pop(data["name"], None)
        else:
            self.configs[data["resourceName"]][data["name"]] = data["value"]

    def expect(self, names, partitions, configs):
        """Each was made once, and is exactly so."""
        twice = [name for name in names if self.made[name] != 1]
        check(not twice, f"made other than once: {[(name, self.made[name]) for name in twice[:3]]}")
        wrong = [(name, len(self.partitions[self.ids[name]]), self.configs[name]) for name in names
                 if len(self.partitions[self.ids[name]]) != partitions or self.configs[name] != configs]
        check(not wrong, f"{len(wrong)} topics are not {partitions} partitions and {configs}: {wrong[:3]}")
