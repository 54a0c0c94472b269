"""tables.py - what a report is made of: markdown tables, medians, ratios, and how much of a figure is chance."""
from common import median

SAMPLES = 250                          # a second, of user or system: CONFIG_HZ of Debian's kernels


def table(head, rows):
    """Markdown that reads well as plain text too: the first column to the left, figures to the right."""
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
        lines.append("| " + " | ".join(cells) + " |")
    rule = ["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]
    return "\n".join([lines[0], "|" + "|".join(rule) + "|", *lines[1:]])


def ratio(value):
    return f"{value:.2f}"


# ---- runs: {server: [{"qps": ..., "user": ..., ...} of each round]} ----

def middle(runs, key):
    return {name: median([r[key] for r in rounds]) for name, rounds in runs.items()}


def per_answer(rounds, key):
    return sum(r[key] * r["answers"] for r in rounds) / sum(r["answers"] for r in rounds)


def whole(runs, key):
    """Of all rounds together: what is sampled is rare within one."""
    if key == "cpu":
        return {name: per_answer(rounds, "user") + per_answer(rounds, "system") for name, rounds in runs.items()}
    if key == "share":
        total = whole(runs, "cpu")
        return {name: per_answer(rounds, "user") / total[name] for name, rounds in runs.items()}
    return {name: per_answer(rounds, key) for name, rounds in runs.items()}


def noise(rounds, key):
    """One standard deviation of a CPU time per answer: it was counted in samples, and they come by chance."""
    answered = sum(r["answers"] for r in rounds)
    seconds = sum(r[key] * r["answers"] for r in rounds) / 1e6
    return (seconds / SAMPLES) ** 0.5 / answered * 1e6


def paired(runs, key, peers):
    """The ratios homing : the best peer within each round; and who that peer is."""
    peer = max(peers, key=middle(runs, key).get)
    return [h[key] / p[key] for h, p in zip(runs["homing"], runs[peer])], peer


def against(runs, key, best, peers):
    """The cell below a column: "1.07 gdnsd". best is max, min, or None where nobody is better for more or less."""
    if best is None:
        return ""
    if best is max:
        ratios, peer = paired(runs, key, peers)
        return f"{ratio(median(ratios))} {peer}"
    values = whole(runs, key)
    peer = min(peers, key=values.get)
    return f"{ratio(values['homing'] / values[peer])} {peer}"


class Figures:
    """The promise, line by line."""

    def __init__(self):
        self.rows = []

    def judge(self, what, promised, measured, reached, level=False):
        """level: what is missing is less than what the same run shows to be chance."""
        self.rows.append([what, promised, measured, "reached" if reached else "level" if level else "NOT reached"])

    def missing(self, what, promised):
        self.rows.append([what, promised, "", "not measured"])

    def table(self):
        return table(["what", "promised", "measured", ""], self.rows)
