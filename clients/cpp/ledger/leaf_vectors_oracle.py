"""Encodes the leaf vectors from docs/formats/leaf.md alone and compares. Usage: leaf_vectors_oracle.py VECTORS."""
import hashlib
import hmac
import json
import sys


def varint(n):
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def signed(n):
    return varint(2 * n if n >= 0 else -2 * n - 1)


def text(value):
    data = value.encode()
    return varint(len(data)) + data


def small(value):
    return bytes([int(value)])


def link(value):
    return varint(0 if value == "waiting" else int(value) + 1)


def number(value):
    return signed(int(value))


def leaves(value):
    numbers = [int(n) for n in value.split()]
    return varint(len(numbers)) + b"".join(varint(b - a) for a, b in zip([0] + numbers, numbers))


# In the order of leaf.md; each with its bit.
AFTER_TIME = [(1, "original_source", text), (1, "original_id", text), (2, "order", text),
              (3, "transaction_scheme", text), (3, "transaction_id", text), (4, "reporting_role", small),
              (5, "consumer_scheme", text), (6, "consumer_region", text), (7, "provider_region", text),
              (8, "place_of_use", text), (9, "category", text), (10, "product", text), (11, "provider", text),
              (12, "segment", small), (13, "channel", small), (14, "payment_method", text),
              (15, "age_band", text), (16, "area_type", small), (17, "income_band", text),
              (18, "scenario", text), (19, "project", text), (20, "activity", text), (21, "amount", number),
              (22, "voucher_amount", number), (23, "quantity", number), (24, "commitment", bytes.fromhex),
              (25, "principal", text), (26, "original_leaf", link), (27, "resolves", leaves),
              (28, "previous_leaf", link), (29, "transaction_leaf", link)]


def commitment(v, key):
    attributes = sorted((k[10:].encode(), x) for k, x in v.items() if k.startswith("attribute:"))
    if "pseudonym" not in v and not attributes:
        return None
    private = bytes([("pseudonym" in v) + 2 * bool(attributes)])
    if "pseudonym" in v:
        private += varint(int(v["pseudonym_epoch"])) + bytes.fromhex(v["pseudonym"])
    if attributes:
        private += varint(len(attributes)) + b"".join(varint(len(k)) + k + text(x) for k, x in attributes)
    salt_input = text(v["source"]) + text(v["id"]) + varint(int(v["revision"]))
    salt = hmac.new(key, salt_input, hashlib.sha256).digest()[:16]
    return hashlib.sha256(salt + private).hexdigest()


def event_body(v, key):
    v = dict(v)
    if "commitment" not in v and commitment(v, key):
        v["commitment"] = commitment(v, key)
    bits = int(v["revision"]) != 0
    for bit, name, _ in AFTER_TIME:
        bits |= (name in v) << bit
    body = varint(int(bits)) + text(v["source"]) + text(v["id"])
    if int(v["revision"]):
        body += varint(int(v["revision"]))
    body += small(v["kind"]) + number(v["event_time"])
    return body + b"".join(put(v[name]) for _, name, put in AFTER_TIME if name in v)


def principal(v):
    return varint(len(v["principal"].encode()) + 1) + v["principal"].encode() if "principal" in v else varint(0)


def erasure_body(v):
    body, last = bytes.fromhex(v["group_id"]), 0
    ranges = [tuple(int(n) for n in r.split("-")) for r in v["ranges"].split()]
    body += varint(len(ranges))
    for begin, end in ranges:
        body += varint(begin - last) + varint(end - begin)
        last = end
    return body + principal(v)


def body_of(kind, v, key):
    if kind == 1:
        return event_body(v, key)
    if kind == 2:
        return varint(int(v["version"])) + bytes.fromhex(v["hash"])
    if kind == 3:
        return (text(v["source"]) + number(v["day"]) + varint(int(v["events"])) + number(v["gross"]) +
                number(v["refunds"]) + principal(v))
    return erasure_body(v) if kind == 4 else bytes.fromhex(v["body"])


def main(path):
    with open(path, encoding="utf-8") as lines:
        key = bytes.fromhex(json.loads(next(lines))["salt_key"])
        count = 0
        for line in lines:
            v = json.loads(line)
            kind = int(v.get("record_kind", 1))
            leaf = bytes([1, kind]) + number(v["accepted_time"]) + body_of(kind, v, key)
            assert leaf.hex() == v["leaf"], v["name"]
            assert hashlib.sha256(b"\0" + leaf).hexdigest() == v["leaf_hash"], v["name"]
            count += 1
    assert count >= 50, count
    print(count, "vectors agree")


if __name__ == "__main__":
    main(sys.argv[1])
