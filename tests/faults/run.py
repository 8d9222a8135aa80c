#!/usr/bin/env python3
"""run.py [--bin DIR] [NAME...]: breaks a private world in every scenario, or in those whose name begins so.

One line a scenario with its figures; exit 1 when one failed. Nothing that it starts outlives it.
"""

import argparse
import signal
import sys
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True

import away  # noqa: E402
import clash  # noqa: E402
import crowd  # noqa: E402
import kills  # noqa: E402
import lease  # noqa: E402
import limits  # noqa: E402
import starts  # noqa: E402
import trail  # noqa: E402
from watch import say  # noqa: E402
from world import World  # noqa: E402

SCENARIOS = {
    "two edads start at once": starts.two_at_once,
    "impossible starts": starts.refusals,
    "limits": limits.each_named,
    "200 clients at once": crowd.waits_or_is_told,
    "broker killed": away.broker_killed,  # while it has few topics: after a kill it looks through the logs of all
    "edad stays away": away.edad_stays_away,
    "Postgres restarted": away.postgres_restarted,
    "clashing applies": clash.two_applies,
    "one plan applied twice": clash.one_plan_twice,
    "leader stopped": lease.leader_stopped,
    "leader lost among three": lease.of_three,
    "SIGTERM during apply": starts.drains,
    "kill -9 during apply": kills.killed_during_apply,
    "nothing made twice": trail.nothing_made_twice,
}
LIMIT = 660  # seconds, for all


def overdue(*_):
    raise TimeoutError(f"the whole took longer than {LIMIT} s")


def run(world, name, scenario):
    began = time.monotonic()
    try:
        figures = scenario(world)
    except TimeoutError:
        raise
    except Exception as fault:  # a scenario that breaks is one that failed; the others go on
        say(f"FAILED {name}: {fault}")
        traceback.print_exc()
        return False
    say(f"ok     {name}: {figures} [{time.monotonic() - began:.0f} s]")
    return True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=Path(__file__).parents[2] / "build" / "bin", help="where edad and edactl are")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    chosen = {name: scenario for name, scenario in SCENARIOS.items()
              if not options.names or any(name.startswith(begin) for begin in options.names)}
    signal.signal(signal.SIGALRM, overdue)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.alarm(LIMIT)
    world = World(options.bin)
    try:
        world.make_team()
        outcomes = [run(world, name, scenario) for name, scenario in chosen.items()]
    finally:
        signal.alarm(0)
        world.close()
    say(f"{outcomes.count(True)} passed, {outcomes.count(False)} failed")
    return 0 if all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
