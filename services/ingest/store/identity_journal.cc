#include "services/ingest/store/identity_journal.h"

namespace tidemark::ingest {

void IdentityJournal::Undo(Position position, IdentityIndex* index, WaitingRefunds* waiting) {
  while (identities_.size() > position.identities) {
    index->Erase(identities_.back().key, identities_.back().leaf);
    identities_.pop_back();
  }
  while (waits_.size() > position.waits) {
    const Wait& wait = waits_.back();
    if (wait.resolved.empty()) waiting->RemoveLast(wait.original);
    for (const uint64_t leaf : wait.resolved) waiting->Add(wait.original, leaf);
    waits_.pop_back();
  }
}

}  // namespace tidemark::ingest
