"""The events of a run as the engines beside Tidemark take them: read from the lines of bench_export, encoded up front.

There are two forms of them. `texts`: the event as it is sent, its codes as texts and its consumer as a pseudonym of 16 bytes.
`numbers`: all that has a code as a small integer and the consumer in 8 bytes, a translation that was made before."""

import struct

# Column, kind of its value. Order of bench_export; of `numbers` none may be absent.
COLUMNS = (("id", "uuid"), ("source", "u8"), ("kind", "u8"), ("event_time_us", "i64"), ("consumer", "i64"),
           ("consumer_region", "u16"), ("provider_region", "u16"), ("category", "u8"), ("product", "u32"), ("segment", "u8"),
           ("channel", "u8"), ("payment", "u8"), ("age_band", "u8"), ("area_type", "u8"), ("amount", "i64"),
           ("quantity", "u16"))
_TEXTS = {"consumer": "pseudonym", "source": "code", "consumer_region": "code", "provider_region": "code",
          "category": "code", "product": "code", "payment": "code", "age_band": "code"}
FORMS = {"texts": tuple((name, _TEXTS.get(name, kind)) for name, kind in COLUMNS), "numbers": COLUMNS}
# What bench_export calls them.
EXPORTED = {"texts": "texts", "numbers": "lines"}

# What `bench_export orders` writes behind them.
ORDER = (("order_number", "i64"),)


def columns(types, of, suffix=""):
    """Column definitions of CREATE TABLE with an engine's own names of types."""
    return "(" + ", ".join(f"{name} {types[kind]}" for name, kind in of) + suffix + ")"


def lines(path, count):
    with open(path, "rb") as f:
        found = [line for _, line in zip(range(count), f)]
    assert len(found) == count, f"{path} holds {len(found)} events, not {count}"
    return found


def cells(line):
    return line.rstrip(b"\n").split(b"\t")


def batches(rows, size):
    return [rows[i:i + size] for i in range(0, len(rows), size)]


# PostgreSQL's literals and cells of COPY, where it differs from those of the file; nobody's pseudonym is empty.
_LITERALS = {"uuid": b"'%s'", "code": b"'%s'", "pseudonym": b"'\\x%s'"}
_COPIED = {"pseudonym": b"\\\\x%s"}


def sql_rows(rows, of):
    row = b"(" + b",".join(_LITERALS.get(kind, b"%s") for _, kind in of) + b")"
    return b",".join(row % tuple(cells(line)) for line in rows)


def copy_rows(rows, of):
    row = b"\t".join(_COPIED.get(kind, b"%s") for _, kind in of) + b"\n"
    return b"".join(row % tuple(cells(line)) for line in rows)


def uuid_number(text):
    return int(text.replace(b"-", b""), 16)


def _uuid_binary(text):
    """ClickHouse's: two words of which each is turned round."""
    number = uuid_number(text)
    return struct.pack("<QQ", number >> 64, number & (2**64 - 1))


def _number_binary(code):
    pack = struct.Struct("<" + code).pack
    return lambda cell: pack(int(cell))


# ClickHouse's RowBinary, also what Redis gets as an entry: packed, little endian, texts behind their length. Texts are
# shorter than 128 bytes, so that a length is one byte; 16 zero bytes are nobody's pseudonym.
PACKED = {"u8": "B", "u16": "H", "u32": "I", "i64": "q"}
_BINARY = {"uuid": _uuid_binary, "code": lambda cell: bytes((len(cell),)) + cell,
           "pseudonym": lambda cell: bytes.fromhex(cell.decode()).ljust(16, b"\0"),
           **{kind: _number_binary(code) for kind, code in PACKED.items()}}


def row_binary(line, of):
    return b"".join([_BINARY[kind](cell) for (_, kind), cell in zip(of, cells(line))])
