"""Numbers as they are reported: a median with the smallest and largest value, and tables that line up."""

import statistics


def short(value):
    """Three significant digits without an exponent: 1,234,567 / 12.3 / 0.00123."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    digits = 1 if size >= 10 else 2
    while size < 1 and round(size, digits) < 10 ** (2 - digits) and digits < 6:
        digits += 1
    return f"{value:.{digits}f}"


class Figure:
    """What several runs of the same thing measured."""

    def __init__(self, values):
        self.values = [v for v in values if v is not None]

    @property
    def median(self):
        return statistics.median(self.values) if self.values else None

    def percentile(self, percent):
        """Nearest rank."""
        ordered = sorted(self.values)
        return ordered[max(0, -(-percent * len(ordered) // 100) - 1)] if ordered else None

    def __str__(self):
        if not self.values:
            return "-"
        if len(self.values) == 1:
            return short(self.values[0])
        return f"{short(self.median)} ({short(min(self.values))}–{short(max(self.values))})"


class Table:
    """Rows of texts, printed as Markdown so that the output can go into docs/performance.md as it is."""

    def __init__(self, title, *header):
        self.title, self.header, self.rows = title, header, []

    def add(self, *cells):
        self.rows.append([str(c) for c in cells])

    def __str__(self):
        lines = [list(self.header), *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        def row(cells):
            padded = [cells[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(cells[1:], widths[1:])]
            return "| " + " | ".join(padded) + " |"
        rule = "|" + "|".join(["-" * (widths[0] + 2)] + ["-" * (w + 1) + ":" for w in widths[1:]]) + "|"
        return "\n".join([f"### {self.title}", "", row(lines[0]), rule, *map(row, self.rows), ""])
