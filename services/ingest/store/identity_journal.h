#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_JOURNAL_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_JOURNAL_H_

#include <cstdint>
#include <span>
#include <vector>

#include "services/ingest/store/identity_index.h"
#include "services/ingest/store/waiting_refunds.h"

namespace tidemark::ingest {

// Changes of the identity index and of the waiting refunds that are not durable yet, in order,
// so that they can be taken back when their block cannot be written.
class IdentityJournal {
 public:
  struct Position {
    size_t identities = 0;
    size_t waits = 0;
  };

  void Inserted(const Fingerprint& key, uint64_t leaf) { identities_.push_back({key, leaf}); }
  void Waits(const Fingerprint& original) { waits_.push_back({original, {}}); }
  void Resolved(const Fingerprint& original, std::span<const uint64_t> leaves) {
    waits_.push_back({original, {leaves.begin(), leaves.end()}});
  }

  Position position() const { return {identities_.size(), waits_.size()}; }
  // Takes back everything after `position`, last change first.
  void Undo(Position position, IdentityIndex* index, WaitingRefunds* waiting);
  void Clear() {
    identities_.clear();
    waits_.clear();
  }

 private:
  struct Identity {
    Fingerprint key;
    uint64_t leaf;
  };
  // A refund that began to wait (no leaves), or refunds that stopped.
  struct Wait {
    Fingerprint original;
    std::vector<uint64_t> resolved;
  };
  std::vector<Identity> identities_;
  std::vector<Wait> waits_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_JOURNAL_H_
