"""Where an apply is when a fault strikes it, seen on its connections: a message is held by a proxy, the fault happens,
and then the message gets on, or is lost with what the fault took."""

import threading

from proxy import Held, on_loop

BEFORE_COMMIT = "before commit"          # the wishes are written, and COMMIT has not reached Postgres
AFTER_COMMIT = "after commit"            # committed; the broker has not been asked for anything
IN_FLIGHT = "in flight"                  # the change was sent to the broker, and edad had no answer
BEFORE_WRITE_BACK = "before write-back"  # the broker has done it, and no object says so
ORDER = (BEFORE_COMMIT, AFTER_COMMIT, IN_FLIGHT, BEFORE_WRITE_BACK)

CHANGES = {19, 37, 44}  # CreateTopics, CreatePartitions, IncrementalAlterConfigs
LOOKS = {3, 32}         # Metadata, DescribeConfigs


def is_apply(statements):
    return "insert into revisions" in statements


def is_write_back(statements):
    return "update objects" in statements and not is_apply(statements)


class Progress:
    """How far the apply of `prefix` is; shared by the proxies' watchers."""

    def __init__(self, prefix):
        self.prefix = prefix.encode()
        self.committed = self.asked = self.done = False

    def of_ours(self, what, side, keys):
        """Of the worker: plans ask the broker whether it would do the same, and probes of edad's rights do of other
        topics."""
        return self.committed and what[0] == side and what[1] in keys and self.prefix in what[2]

    def note(self, what):
        self.committed |= what[0] == "committed" and is_apply(what[1])
        self.asked |= self.of_ours(what, "ask", CHANGES)
        self.done |= self.of_ours(what, "answer", CHANGES)


# --- places: (progress, what) -> whether the message is to be held

def at_commit(progress, what):
    return what[0] == "commit" and is_apply(what[1])


def at_answer_to_commit(progress, what):
    return what[0] == "committed" and is_apply(what[1])


def at_look(progress, what):
    return not progress.asked and progress.of_ours(what, "ask", LOOKS)


def at_question(progress, what):
    return progress.of_ours(what, "ask", CHANGES)


def at_answer(progress, what):
    return progress.of_ours(what, "answer", CHANGES)


def at_write_back(progress, what):
    return progress.done and what[0] == "commit" and is_write_back(what[1])


def at_writing_back(progress, what):
    return progress.done and what[0] == "statement" and is_write_back(what[1])


# The first of each is sure to come; the others depend on how edad goes about it.
PLACES = {
    BEFORE_COMMIT: (at_commit,),
    AFTER_COMMIT: (at_answer_to_commit, at_look),
    IN_FLIGHT: (at_question, at_answer),
    BEFORE_WRITE_BACK: (at_write_back, at_writing_back),
}


class Ambush:
    """Waits at places, one after the other, on all proxies. A place that the apply does not come by is passed over."""

    def __init__(self, proxies, prefix, places):
        self.progress = Progress(prefix)
        self.places = list(places)
        self.held = self.place = None
        self.reached = threading.Event()
        for proxy in proxies:
            proxy.watch = self.watch

    def watch(self, link, what):
        hit = None
        if self.held is None:
            hit = next((place for place in self.places if place(self.progress, what)), None)
        self.progress.note(what)
        if not hit:
            return None
        del self.places[:self.places.index(hit) + 1]
        self.held, self.place = Held(link), hit
        self.reached.set()
        return self.held

    def is_hit(self, seconds):
        """Whether a message is held, or is within so many seconds."""
        return self.reached.wait(seconds)

    def take(self):
        """(held message, place) and waits at the next place from now on; whoever takes it lets it go. None: there is
        none."""
        def act():
            taken = (self.held, self.place) if self.held else None
            self.held = None
            self.reached.clear()
            return taken
        return on_loop(act)

    def give_up(self):
        """Waits nowhere any more; what is held gets on."""
        def act():
            self.places.clear()
            if self.held:
                self.held.free.set()
        on_loop(act)
