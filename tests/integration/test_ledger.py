"""`tidemark ledger`: checkpoints that are kept, proofs that need no service, and a log that is not what it was."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import unittest

from tidemark.ingest.v1 import event_pb2
from tidemark.ingest.v1 import ingest_service_pb2 as ingest

from stack import BIN, SAMPLE, Stack

SOURCE = "uk-online-retail"


def event(id, amount):
    return event_pb2.Event(source=SOURCE, id=id, kind=event_pb2.EVENT_KIND_PURCHASE,
                           event_time_us=1_312_200_000_000_000, category="products", amount=amount)


def root_of_path(index, size, leaf_hash, path):
    """RFC 6962, section 2.1.1, word for word."""
    if size == 1:
        return leaf_hash if not path else None
    k = 1
    while k * 2 < size:
        k *= 2
    *below, sibling = path
    if index < k:
        return hashlib.sha256(b"\x01" + root_of_path(index, k, leaf_hash, below) + sibling).digest()
    return hashlib.sha256(b"\x01" + sibling + root_of_path(index - k, size - k, leaf_hash, below)).digest()


class Ledger(unittest.TestCase):
    def setUp(self):
        self.stack = Stack(redis=False, fronts=1).__enter__()
        self.addCleanup(self.stack.__exit__)
        self.stack.apply("-f", os.path.join(SAMPLE, "catalog.yaml"))
        self.submit(range(40))

    def path(self, name):
        return os.path.join(self.stack.folder, name)

    def submit(self, numbers, amount=1000):
        verdict = self.stack.ingest().SubmitEvents(
            ingest.SubmitEventsRequest(events=[event(f"e-{i}", amount + i) for i in numbers]),
            metadata=self.stack.metadata(), timeout=30).verdict
        self.assertEqual(verdict.accepted, len(numbers))

    def checkpoint(self, *more, check=True):
        told = self.stack.cli("ledger", "checkpoint", "-o", "json", *more, check=check)
        return json.loads(told.stdout)[0] if check else told

    def covered(self, size):
        """The newest checkpoint once it covers so many records."""
        for _ in range(300):
            told = self.checkpoint()
            if int(told["records"]) >= size:
                return told
        self.fail(f"no checkpoint of {size} records")

    def test_a_proof_is_verified_without_any_service(self):
        proof, key = self.path("e-7.tlog-proof"), self.path("key")
        with open(key, "w") as f:
            f.write(self.checkpoint()["key"])
        self.stack.cli("ledger", "prove", SOURCE, "e-7", "--out", proof)
        away = ("--ingest", "127.0.0.1:1", "--key", key)
        shown = json.loads(self.stack.cli("ledger", "verify", proof, *away, "-o", "json").stdout)[0]
        self.assertEqual((shown["source"], shown["id"], shown["kind"], shown["amount"]),
                         (SOURCE, "e-7", "PURCHASE", "1007"))

        # The same by a few plain lines.
        with open(proof) as f:
            head, note = f.read().split("\n\n", 1)
        version, extra, index, *path = head.split("\n")
        self.assertEqual(version, "c2sp.org/tlog-proof@v1")
        leaf = base64.b64decode(extra.removeprefix("extra "))
        self.assertIn(b"e-7", leaf)
        name, size, root = note.split("\n")[:3]
        self.assertEqual(name, shown["log"])
        self.assertEqual(root_of_path(int(index.removeprefix("index ")), int(size),
                                      hashlib.sha256(b"\x00" + leaf).digest(),
                                      [base64.b64decode(node) for node in path]), base64.b64decode(root))

        # Another record, another place, another log.
        for old, new in ((leaf, leaf.replace(b"e-7", b"e-8")), (index, "index 3")):
            changed = self.path("changed")
            with open(proof) as f, open(changed, "w") as out:
                encode = (lambda x: base64.b64encode(x).decode()) if isinstance(old, bytes) else str
                out.write(f.read().replace(encode(old), encode(new)))
            told = self.stack.cli("ledger", "verify", changed, *away, check=False)
            self.assertEqual(told.returncode, 5, told.stderr)
            self.assertIn("not shown to be in the log", told.stderr)
        with Stack(redis=False) as other:
            other.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
            told = other.cli("ledger", "verify", proof, "--key", self.other_key(other), check=False)
            self.assertEqual(told.returncode, 5, told.stderr)

    def other_key(self, stack):
        for _ in range(300):
            told = stack.cli("ledger", "checkpoint", "-o", "json", check=False)
            if told.returncode == 0:
                return json.loads(told.stdout)[0]["key"]
        self.fail("no checkpoint")

    def test_a_front_proves_as_the_owner_does(self):
        self.covered(41)
        proofs = [self.stack.cli("ledger", "prove", SOURCE, "e-3", "--ingest", self.stack.address(name)).stdout
                  for name in ("ingest", "front1")]
        self.assertEqual(*proofs)

    def test_a_log_that_lost_or_changed_records_is_told(self):
        old = self.covered(41)
        keep = self.path("old.checkpoint")
        self.checkpoint("--out", keep)
        self.stack.kill("ingest")
        backup = self.path("backup")
        shutil.copytree(self.stack.data("ingest"), backup)
        self.stack.start("ingest")
        self.submit(range(100, 140))
        later = self.path("later.checkpoint")
        self.covered(81)
        self.assertEqual(self.checkpoint("--out", later, "--since", keep, "--key", old["key"])["unchanged_since"],
                         f"{old['records']} records of {keep}")

        self.stack.kill("ingest")
        shutil.rmtree(self.stack.data("ingest"))
        shutil.copytree(backup, self.stack.data("ingest"))
        self.assertEqual(self.offline_check(keep), (0, ["good"]))
        code, found = self.offline_check(later)
        self.assertEqual((code, found[-1]), (1, "damaged"))
        self.assertIn("leaves are gone", found[0])
        self.stack.start("ingest")
        gone = self.checkpoint("--since", later, "--key", old["key"], check=False)
        self.assertEqual(gone.returncode, 4)
        self.assertIn("records are gone", gone.stderr)
        # As many as before, and more, but others.
        self.submit(range(200, 260))
        self.covered(101)
        changed = self.checkpoint("--since", later, "--key", old["key"], check=False)
        self.assertEqual(changed.returncode, 4)
        self.assertIn("are not those of then", changed.stderr)
        self.checkpoint("--since", keep, "--key", old["key"])

    def offline_check(self, kept):
        """Exit code and last lines of `tidemark-ingest --check` of the log, by a checkpoint that was kept."""
        checked = subprocess.run([os.path.join(BIN, "tidemark-ingest"), "--check", f"--data={self.stack.data('ingest')}",
                                  f"--checkpoint={kept}"], capture_output=True, text=True, timeout=60)
        lines = checked.stdout.splitlines()
        return checked.returncode, [line for line in lines if line.split()[0] in ("BAD", "good", "damaged")]

    def test_a_checkpoint_covers_what_was_acknowledged_before(self):
        for count in (1, 2, 3):
            self.submit(range(1000 * count, 1000 * count + count))
            size = self.stack.ingest().GetLogStatus(ingest.GetLogStatusRequest(), metadata=self.stack.metadata()).log_size
            self.assertEqual(int(self.checkpoint()["records"]), size)

    def test_a_proof_is_tied_to_a_checkpoint_that_was_kept(self):
        keep, proof, later = self.path("kept.checkpoint"), self.path("proof"), self.path("later")
        key = self.checkpoint("--out", keep)["key"]
        self.submit(range(500, 510))
        self.stack.cli("ledger", "prove", SOURCE, "e-3", "--checkpoint", keep, "--out", proof)
        with open(proof) as f, open(keep) as k:
            self.assertTrue(f.read().endswith("\n\n" + k.read()))
        verify = ("ledger", "verify", proof, "--key", key, "--checkpoint")
        shown = json.loads(self.stack.cli(*verify, keep, "-o", "json").stdout)[0]
        self.assertEqual((shown["id"], shown["checkpoint"]), ("e-3", f"that of {keep}"))
        self.checkpoint("--out", later)
        told = self.stack.cli(*verify, later, check=False)
        self.assertEqual(told.returncode, 5)
        self.assertIn(f"have one written against it: tidemark ledger prove --checkpoint {later}", told.stderr)
        told = self.stack.cli("ledger", "prove", SOURCE, "e-505", "--checkpoint", keep, check=False)
        self.assertEqual(told.returncode, 4)
        self.assertIn("this one came later", told.stderr)

    def test_files_of_another_kind_are_told_as_such(self):
        keep, proof, other = self.path("kept.checkpoint"), self.path("proof"), self.path("other")
        key = self.checkpoint("--out", keep)["key"]
        self.stack.cli("ledger", "prove", SOURCE, "e-3", "--out", proof)
        with open(proof) as f, open(keep) as k:
            proof_text, kept_text = f.read(), k.read()

        def told(text, *command):
            with open(other, "w") as f:
                f.write(text)
            done = self.stack.cli(*command, check=False)
            self.assertEqual(done.returncode, 5, done.stderr)
            return done.stderr

        verify = ("ledger", "verify", other, "--key", key)
        self.assertIn("a proof of another version, c2sp.org/tlog-proof@v2", told(proof_text.replace("@v1", "@v2"), *verify))
        self.assertIn("a proof without the record",
                      told("\n".join(line for line in proof_text.split("\n") if not line.startswith("extra")), *verify))
        self.assertIn("neither a checkpoint nor a proof", told("key: value\n", *verify))
        self.assertIn("has no signature; was it cut", told(kept_text.split("\n\n")[0] + "\n", *verify))
        self.assertIn("a proof; want a checkpoint", told(proof_text, "ledger", "checkpoint", "--since", other))
        told = self.stack.cli("ledger", "verify", keep, "--key", key, "--checkpoint", keep, check=False)
        self.assertEqual(told.returncode, 2)
        told = self.stack.cli("ledger", "verify", keep, "--key", "", check=False)
        self.assertEqual(told.returncode, 2)

        # A file that is no checkpoint of the log says nothing of the log.
        self.stack.kill("ingest")
        for text in ("x", proof_text, kept_text.replace(kept_text.split("\n")[1], "7")):
            with open(other, "w") as f:
                f.write(text)
            self.assertEqual(self.offline_check(other), (1, []))
        self.assertEqual(self.offline_check(keep), (0, ["good"]))

    def test_what_cannot_be_proved_is_told(self):
        self.assertIn("has no event `nothing`",
                      self.stack.cli("ledger", "prove", SOURCE, "nothing", check=False).stderr)
        told = self.stack.cli("ledger", "verify", self.path(""), "--key", self.checkpoint()["key"], check=False)
        self.assertEqual(told.returncode, 5)
        told = self.stack.cli("ledger", "verify", "x", "--key", "no key", check=False)
        self.assertEqual(told.returncode, 2)

    def test_a_proof_of_a_record_that_a_later_release_made_holds(self):
        leaf = b"\x63\x01 of a version that is not there yet"
        root = hashlib.sha256(b"\x00" + leaf).digest()
        pem, log = self.path("log.pem"), "later.example/ledger"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", pem], check=True)
        public = subprocess.run(["openssl", "pkey", "-in", pem, "-pubout", "-outform", "DER"], check=True,
                                stdout=subprocess.PIPE).stdout[-32:]
        key_hash = hashlib.sha256(log.encode() + b"\n\x01" + public).digest()[:4]
        key = f"{log}+{key_hash.hex()}+{base64.b64encode(b'%c' % 1 + public).decode()}"
        body = f"{log}\n1\n{base64.b64encode(root).decode()}\naccepted 1795841435000000\n"
        with open(self.path("body"), "w") as file:
            file.write(body)
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", pem, "-in", self.path("body")],
                                   check=True, stdout=subprocess.PIPE).stdout
        note = f"{body}\n\u2014 {log} {base64.b64encode(key_hash + signature).decode()}\n"
        proof = f"c2sp.org/tlog-proof@v1\nextra {base64.b64encode(leaf).decode()}\nindex 0\n\n{note}"
        with open(self.path("later.tlog-proof"), "w", encoding="utf-8") as file:
            file.write(proof)
        told = json.loads(self.stack.cli("ledger", "verify", self.path("later.tlog-proof"), "--key", key,
                                         "-o", "json").stdout)[0]
        self.assertEqual((told["verified"], told["leaf"]), ("the record is in the log", "0"))
        self.assertIn("version 99", told["record"])
        self.assertIn("use a newer one", told["record"])


if __name__ == "__main__":
    unittest.main()
