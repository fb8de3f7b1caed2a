"""The checker of proofs against trees built the slow way, by the definition."""

import hashlib
import unittest

from merkle import inclusion_root, is_prefix


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def audit_path(leaf, leaves):
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if leaf < split:
        return audit_path(leaf, leaves[:split]) + [root(leaves[split:])]
    return audit_path(leaf - split, leaves[split:]) + [root(leaves[:split])]


def consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= split:
        return consistency(old, leaves[:split], whole) + [root(leaves[split:])]
    return consistency(old - split, leaves[split:], False) + [root(leaves[:split])]


LEAVES = [hashlib.sha256(b"\x00" + bytes([i])).digest() for i in range(21)]


class Merkle(unittest.TestCase):
    def test_inclusion(self):
        for size in range(1, len(LEAVES) + 1):
            for leaf in range(size):
                path = audit_path(leaf, LEAVES[:size])
                self.assertEqual(inclusion_root(leaf, size, LEAVES[leaf], path), root(LEAVES[:size]))
                self.assertNotEqual(inclusion_root(leaf, size, LEAVES[leaf - 1], path) if size > 1 else None,
                                    root(LEAVES[:size]))

    def test_consistency(self):
        for new in range(1, len(LEAVES) + 1):
            for old in range(1, new + 1):
                path = consistency(old, LEAVES[:new])
                old_root, new_root = root(LEAVES[:old]), root(LEAVES[:new])
                self.assertTrue(is_prefix(old, old_root, new, new_root, path), (old, new))
                self.assertFalse(is_prefix(old, LEAVES[0][::-1], new, new_root, path), (old, new))
                self.assertFalse(is_prefix(old, old_root, new, LEAVES[0][::-1], path), (old, new))
                self.assertFalse(is_prefix(old, old_root, new, new_root, [*path, LEAVES[0]]), (old, new))
                if path:
                    self.assertFalse(is_prefix(old, old_root, new, new_root, path[:-1]), (old, new))


if __name__ == "__main__":
    unittest.main()
