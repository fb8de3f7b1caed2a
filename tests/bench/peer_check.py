"""Whether an engine's table holds what was exported: sums and counts of the table against those of the file's lines."""

import collections
import struct

import peer_rows

# Not what events are counted by.
_MEASURES = ("id", "event_time_us", "consumer", "amount")
_TOTALS = "count(*), sum(amount), min(event_time_us), max(event_time_us), count(DISTINCT id), count(DISTINCT consumer)"


def summary_of_lines(rows, of):
    """Totals as above, then for every column with a code the events and the sum of amounts of each of its values."""
    place = {name: number for number, (name, _) in enumerate(of)}
    table = [peer_rows.cells(line) for line in rows]
    amounts = [int(row[place["amount"]]) for row in table]
    times = [int(row[place["event_time_us"]]) for row in table]
    found = {"totals": [len(table), sum(amounts), min(times), max(times)] +
                       [len({row[place[name]] for row in table}) for name in ("id", "consumer")]}
    for name, number in place.items():
        if name in _MEASURES:
            continue
        groups = collections.defaultdict(lambda: [0, 0])
        for row, amount in zip(table, amounts):
            group = groups[row[number]]
            group[0] += 1
            group[1] += amount
        found[name] = {value.decode(): group for value, group in groups.items()}
    return found


def summary_of_table(ask, of):
    """The same, of the table `ev` of an engine that `ask`s SQL."""
    found = {"totals": [int(cell) for cell in ask(f"SELECT {_TOTALS} FROM ev")[0]]}
    for name, _ in of:
        if name not in _MEASURES:
            found[name] = {str(value): [int(count), int(amount)] for value, count, amount in
                           ask(f"SELECT {name}, count(*), sum(amount) FROM ev GROUP BY {name}")}
    return found


def line_of(row, of):
    """The line that peer_rows.row_binary made `row` of, as far as a summary looks at it."""
    cells, at = [], 0
    for _, kind in of:
        if kind in peer_rows.PACKED:
            size = struct.calcsize("<" + peer_rows.PACKED[kind])
            cells.append(b"%d" % struct.unpack_from("<" + peer_rows.PACKED[kind], row, at))
        else:
            if kind == "code":
                size, at = row[at], at + 1
            else:
                size = 16
            cell = row[at:at + size]
            cells.append(cell if kind == "code" else cell.hex().encode())
        at += size
    assert at == len(row), f"a row of {len(row)} bytes ends after {at}"
    return b"\t".join(cells)


def compare(name, found, wanted):
    for part, want in wanted.items():
        have = found[part]
        assert have == want, f"{name}: {part} of its table: {different(have, want)}"


def different(have, want):
    if isinstance(want, dict):
        keys = [key for key in sorted({*have, *want}) if have.get(key) != want.get(key)]
        return f"{len(keys)} values differ, first {keys[0]!r}: {have.get(keys[0])}, in the file {want.get(keys[0])}"
    return f"{have}, in the file {want}"
