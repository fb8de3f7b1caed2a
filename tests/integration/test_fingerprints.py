"""The fingerprint of an asset in the version of the catalog that the ledger's CATALOG_MARK names."""

import hashlib
import unittest

from tidemark.catalog.v1 import catalog_service_pb2 as catalog
from tidemark.catalog.v1 import resource_pb2, rights_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from shared_assets import SharedAssets
from stack import wait_until


class Fingerprints(SharedAssets):
    def test_the_next_catalog_mark_anchors_the_fingerprint_of_an_asset(self):
        """As an auditor: the hash of the version that holds the asset is made again from what the watch shows, and the leaf made of it
        is in the tree that a checkpoint signs."""
        self.apply(self.new_asset("before-anchored"))
        fingerprint = hashlib.sha256("一批数据".encode()).digest()
        asset = self.new_asset("anchored")
        asset.data_asset.kind = rights_pb2.ASSET_KIND_FILES
        asset.data_asset.sha256 = fingerprint
        version = self.apply(asset)
        hash_before, change, told = self.watch_version(version)
        self.assertEqual(change.name, asset.name)
        self.assertEqual(resource_pb2.Resource.FromString(change.state).data_asset.sha256, fingerprint)

        def block(data):
            return len(data).to_bytes(4, "big") + data
        made = hashlib.sha256(
            b"tidemark-catalog-version\n" + hash_before + version.to_bytes(8, "big") + change.time_us.to_bytes(8, "big") +
            block(change.changed_by.encode()) + change.kind.to_bytes(4, "big") + block(change.name.encode()) +
            block(change.state)).digest()
        self.assertEqual(made, told)

        def varint(number):
            data = bytearray()
            while number >= 0x80:
                data.append(number & 0x7F | 0x80)
                number >>= 7
            return bytes(data + bytes([number]))
        metadata = self.stack.metadata(self.secret["auditor"])

        def proof_of_mark():
            """Nothing is sent meanwhile, so the mark is the log's last record: leaf, size and root of a tree, proof."""
            status = self.log_status()
            leaf = status.log_size - 1
            mark = b"\x01\x02" + varint(2 * status.accepted_time_us) + varint(version) + made
            checkpoint = self.stack.ingest().GetCheckpoint(ingest.GetCheckpointRequest(), metadata=metadata,
                                                           timeout=30).checkpoint
            if checkpoint.log_size <= leaf:
                return None
            proof = self.stack.ingest().GetInclusionProof(
                ingest.GetInclusionProofRequest(leaf=leaf, tree_size=checkpoint.log_size), metadata=metadata, timeout=30)
            return proof.leaf_hash == hashlib.sha256(b"\x00" + mark).digest() and (leaf, checkpoint, proof)
        leaf, checkpoint, proof = wait_until(proof_of_mark)
        self.assertEqual(root_of(proof.leaf_hash, leaf, checkpoint.log_size, proof.path), checkpoint.root_hash)

    def watch_version(self, version):
        """Hash before it, its only change, and its hash, as an auditor's watch tells them."""
        hashes, changes = {}, {}
        stream = self.stack.catalog().WatchResources(catalog.WatchResourcesRequest(), timeout=60,
                                                     metadata=self.stack.metadata(self.secret["auditor"]))
        for answer in stream:
            completed = sorted({c.version for c in answer.changes if c.version <= answer.version})
            hashes.update(zip(completed, answer.version_hashes))
            for change in answer.changes:
                changes.setdefault(change.version, []).append(change)
            if answer.version >= version:
                break
        stream.cancel()
        self.assertEqual(len(changes[version]), 1)
        return hashes[version - 1], changes[version][0], hashes[version]


def root_of(hash, leaf, size, path):
    """RFC 9162 section 2.1.3.2."""
    fn, sn = leaf, size - 1
    for node in path:
        if fn & 1 or fn == sn:
            hash = hashlib.sha256(b"\x01" + node + hash).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            hash = hashlib.sha256(b"\x01" + hash + node).digest()
        fn, sn = fn >> 1, sn >> 1
    return hash


if __name__ == "__main__":
    unittest.main()
