"""Two applies that want different things of the same streams, at once."""

import gates
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
