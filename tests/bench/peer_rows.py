"""The events of a run as the engines beside Tidemark take them: read from the lines of bench_export, encoded up front."""

import struct

# Column, kind of its number. Order of bench_export; none may be absent.
COLUMNS = (("id", "uuid"), ("source", "u8"), ("kind", "u8"), ("event_time_us", "i64"), ("consumer", "i64"),
           ("consumer_region", "u16"), ("provider_region", "u16"), ("category", "u8"), ("product", "u32"), ("segment", "u8"),
           ("channel", "u8"), ("payment", "u8"), ("age_band", "u8"), ("area_type", "u8"), ("amount", "i64"),
           ("quantity", "u16"))


# What `bench_export orders` writes behind them.
ORDER = (("order_number", "i64"),)


def columns(types, suffix="", more=()):
    """Column definitions of CREATE TABLE with an engine's own names of types; `more`: columns behind COLUMNS."""
    return "(" + ", ".join(f"{name} {types[kind]}" for name, kind in (*COLUMNS, *more)) + suffix + ")"


def lines(path, count):
    with open(path, "rb") as f:
        found = [line for _, line in zip(range(count), f)]
    assert len(found) == count, f"{path} holds {len(found)} events, not {count}"
    return found


def batches(rows, size):
    return [rows[i:i + size] for i in range(0, len(rows), size)]


def sql_values(line):
    cells = line.rstrip(b"\n").split(b"\t")
    return b"('" + cells[0] + b"'," + b",".join(cells[1:]) + b")"


# ClickHouse's RowBinary, also what Redis gets as an entry: packed, little endian, a UUID as two words of which each is
# turned round.
_PACKED = {"u8": "B", "u16": "H", "u32": "I", "i64": "q"}
_ROW = struct.Struct("<QQ" + "".join(_PACKED[kind] for _, kind in COLUMNS[1:]))


def _words(text):
    number = uuid_number(text)
    return number >> 64, number & (2**64 - 1)


def uuid_number(text):
    return int(text.replace(b"-", b""), 16)


def row_binary(line):
    cells = line.split(b"\t")
    return _ROW.pack(*_words(cells[0]), *map(int, cells[1:]))
