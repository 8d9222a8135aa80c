"""Rows of the benches: what was asked, ours, the peer or limit beside it, the goal and whether it was met."""
import json
from dataclasses import asdict, dataclass


@dataclass
class Row:
    question: str
    what: str
    ours: str
    peer: str
    ratio: str
    goal: str
    met: bool | None  # None: a figure without a goal
    note: str = ""
    figures: dict | None = None  # the same as plain numbers, each run


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def times(ratio):
    return f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.0f}x"


def verdict(row):
    return {None: "", True: "ok", False: "MISSED"}[row.met]


def table(rows):
    head = ("question", "what", "ours", "peer or limit", "ratio", "goal", "verdict", "note")
    lines = [head] + [(row.question, row.what, row.ours, row.peer, row.ratio, row.goal, verdict(row), row.note) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() + "\n" for line in lines)


def as_json(rows, machine):
    return json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2, ensure_ascii=False) + "\n"
