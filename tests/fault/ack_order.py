"""Whether each acknowledgement left after the sync of what it acknowledges had returned, from a service's journal."""

import bisect
import collections
import dataclasses
import glob
import os
import struct


@dataclasses.dataclass(frozen=True)
class Block:
    """Where a block of the log is (docs/formats/block.md)."""

    path: str
    offset: int
    bytes: int
    first_leaf: int
    records: int


def blocks_of(folder):
    """The blocks in the files of a log, by first leaf."""
    blocks = []
    for path in sorted(glob.glob(os.path.join(folder, "blocks", "*.tmb"))):
        with open(path, "rb") as f:
            data = f.read()
        offset = 0
        while offset < len(data):
            header, first_leaf = struct.unpack_from("<IQ", data, offset + 12)
            records, body = struct.unpack_from("<II", data, offset + 48)
            blocks.append(Block(path, offset, header + body, first_leaf, records))
            offset += header + body
    return blocks


class _Sends:
    """The bytes that went out on each descriptor, and when each of them did."""

    def __init__(self, calls):
        self.bytes = collections.defaultdict(bytearray)
        self.starts = collections.defaultdict(list)  # (position, entered) of every send
        for call in calls:
            if call.name == "send":
                self.starts[call.offset].append((len(self.bytes[call.offset]), call.entered))
                self.bytes[call.offset] += bytes.fromhex(call.object)

    def first(self, message):
        """When the first byte of the message began to be sent for the first time; None when it never was."""
        times = []
        for fd, sent in self.bytes.items():
            position = sent.find(message)
            if position >= 0:
                times.append(self.starts[fd][bisect.bisect(self.starts[fd], (position, float("inf"))) - 1][1])
        return min(times, default=None)


def unsynced_acks(calls, blocks, acks):
    """`acks`: (bytes of the answer as sent, leaves it acknowledges). What is wrong, a line each; none when every answer
    began to be sent after an fdatasync that had been begun after the last write of its blocks, and had returned 0."""
    sends = _Sends(calls)
    writes, syncs = collections.defaultdict(list), collections.defaultdict(list)
    for call in calls:
        if call.name in ("pwrite", "write") and call.result > 0:
            writes[call.object].append(call)
        elif call.name in ("fdatasync", "fsync") and call.result == 0:
            syncs[call.object].append(call)
    first_leaves = [block.first_leaf for block in blocks]
    wrong = []
    for message, leaves in acks:
        sent = sends.first(message)
        if sent is None:
            wrong.append(f"the answer for leaf {min(leaves)} was never sent")
            continue
        for block in {blocks[bisect.bisect(first_leaves, leaf) - 1] for leaf in leaves}:
            fault = _fault(block, sent, writes[block.path], syncs[block.path])
            if fault:
                wrong.append(f"the answer for leaves {min(leaves)} to {max(leaves)} was sent at {sent}, "
                             f"but block {block.first_leaf} {fault}")
    return wrong


def _fault(block, sent, writes, syncs):
    end = block.offset + block.bytes
    mine = [w for w in writes if w.offset < end and w.offset + w.result > block.offset and w.entered < sent]
    covered = block.offset
    for write in sorted(mine, key=lambda w: w.offset):
        if write.offset <= covered:
            covered = max(covered, write.offset + write.result)
    if covered < end:
        return "was not written before"
    written = max(write.left for write in mine)
    if written > sent:
        return f"was written until {written}"
    after = [sync for sync in syncs if sync.entered > written]
    if not after:
        return f"was written until {written} and never synced"
    synced = min(sync.left for sync in after)
    return f"was synced until {synced}" if synced > sent else None
