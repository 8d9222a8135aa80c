"""docs/operations.md names every log line and every metric that edad can write, and none that it cannot.

python3 -m unittest discover -s tests/arch -p '*_test.py'
"""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
# Folders that are no part of edad.
OTHERS = {"build", "bench", "cli", "dev", "tests"}
LOG = re.compile(r'\blog_(debug|info|warning|error)\(\s*("(?:[^"\\]|\\.)*"|[^,)]*)')


def sources():
    for path in sorted(ROOT.glob("**/*.cpp")):
        folder = path.relative_to(ROOT).parts[0]
        if folder not in OTHERS and not folder.startswith("."):
            yield path


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title):
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


class OperationsPage(unittest.TestCase):
    maxDiff = None

    def test_every_log_line_has_its_row_with_its_levels(self):
        written = {}
        for path in sources():
            for level, text in LOG.findall(path.read_text(encoding="utf-8")):
                if path.name == "log.cpp":  # the definitions
                    continue
                self.assertTrue(text.startswith('"'), f"{path}: log_{level}({text}…: a sentence of its own, so that the page can list it")
                written.setdefault(text.strip('"'), set()).add(level)
        self.assertGreater(len(written), 25)
        listed = {row[0].strip("`"): set(row[1].split(", ")) for row in rows("Log lines")}
        self.assertEqual(listed, written)

    def test_every_log_line_says_what_it_means(self):
        for row in rows("Log lines"):
            self.assertEqual(len(row), 3, row)
            self.assertGreater(len(row[2]), 10, row)

    def test_every_metric_has_its_row(self):
        made = set()
        for path in sources():
            made.update(re.findall(r'"(eda_[a-z_]+)"', path.read_text(encoding="utf-8")))
        self.assertGreater(len(made), 8)
        self.assertEqual({row[0].strip("`") for row in rows("Metrics")}, made)

    def test_alerts_ask_for_metrics_that_there_are(self):
        known = {row[0].strip("`") for row in rows("Metrics")}
        asked = set(re.findall(r"\beda_[a-z_]+", section("Metrics").split("```yaml")[1]))
        self.assertEqual({re.sub("_(bucket|count|sum)$", "", name) for name in asked} - known, set())


if __name__ == "__main__":
    unittest.main()
