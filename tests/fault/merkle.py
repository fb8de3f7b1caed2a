"""RFC 6962 proofs, checked with nothing but the RFC (section 2.1) and SHA-256."""

import hashlib


def _node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def inclusion_root(leaf, size, leaf_hash, path):
    """The root that the audit path of `leaf` in a tree of `size` leads to; None when the path does not fit."""
    number, last, root = leaf, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return None
        if number & 1 or number == last:
            root = _node(sibling, root)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            root = _node(root, sibling)
        number >>= 1
        last >>= 1
    return root if last == 0 else None


def is_prefix(old_size, old_root, new_size, new_root, path):
    """Whether the proof shows that the tree of old_size, old_root is a prefix of the other."""
    path = list(path)
    if old_size == new_size:
        return not path and old_root == new_root
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    number, last = old_size - 1, new_size - 1
    while number & 1:
        number >>= 1
        last >>= 1
    if not path:
        return False
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = _node(sibling, old), _node(sibling, new)
            while not number & 1 and number:
                number >>= 1
                last >>= 1
        else:
            new = _node(new, sibling)
        number >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root
