"""Two applies at once: of different wishes for the same streams, and of one and the same plan by two replicas."""

import gates
from processes import Command
from watch import check, until

COUNT = 40


def both(world, prefix, generation, wishes):
    """Both plan before one commits. The partitions that won."""
    applies = {}

    def begin():
        applies.update({partitions: world.apply(prefix, COUNT, partitions=partitions) for partitions in wishes})

    with gates.applying(world, begin, applies=2):
        pass
    for apply in applies.values():
        apply.wait(60)
    codes = sorted(apply.code for apply in applies.values())
    check(codes == [0, 6], "; ".join(f"exit {apply.code}: {apply.words()}" for apply in applies.values()))
    won = next(partitions for partitions, apply in applies.items() if apply.code == 0)
    lost = next(apply for apply in applies.values() if apply.code == 6)
    world.await_applied(prefix, COUNT, generation=generation)
    until(lambda: world.partitions(prefix) == {won: COUNT}, 10,
          lambda: f"{won} partitions everywhere; partitions to topics: {world.partitions(prefix)}")
    return won, lost


def two_applies(world):
    """One wins whole, the other is told that its plan is stale; for streams that are new, and for known ones."""
    prefix = "clash"
    both(world, prefix, 1, (1, 2))
    check(world.events(prefix) == {"stream.created": COUNT}, f"events {world.events(prefix)}")
    won, lost = both(world, prefix, 2, (3, 4))
    check(world.events(prefix) == {"stream.created": COUNT, "stream.changed": COUNT}, f"events {world.events(prefix)}")
    said = lost.words().split("error:")[-1].split("\n")[0].strip()
    return f"new streams: exits 0 and 6; changed ones: exits 0 and 6, all {COUNT} as the winner wished; told: {said}"


def one_plan_twice(world):
    """A plan that lies in a file is applied by two replicas at the same moment: it has one effect."""
    prefix = "same"
    other = world.start_edad("other").await_ready()
    plan = world.folder / "same.plan"
    planned = Command([world.edactl, "plan", "-f", str(world.manifest(prefix, COUNT)), "--set", prefix, "--out", str(plan)],
                      world.environment()).wait(60)
    check(planned.code == 0, f"plan --out: exit {planned.code}: {planned.words()}")
    applies = []

    def begin():
        for server in (world.variables["EDACTL_SERVER"], other.grpc):
            applies.append(Command([world.edactl, "apply", "--plan", str(plan), "--yes", "--timeout", "60s"],
                                   world.environment(EDACTL_SERVER=server)))

    with gates.applying(world, begin, applies=2):
        pass
    for apply in applies:
        apply.wait(90)
    world.await_applied(prefix, COUNT)
    codes = sorted(apply.code for apply in applies)
    check(codes in ([0, 0], [0, 6]), "; ".join(f"exit {apply.code}: {apply.words()}" for apply in applies))
    world.verify(prefix, COUNT)
    check(world.plans(prefix) == ["applied"], f"plans: {world.plans(prefix)}")
    check(other.end() == 0, f"SIGTERM to an edad: {other.words()}")
    return f"exits {codes[0]} and {codes[1]}, each stream made once"
