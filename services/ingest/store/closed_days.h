#ifndef TIDEMARK_SERVICES_INGEST_STORE_CLOSED_DAYS_H_
#define TIDEMARK_SERVICES_INGEST_STORE_CLOSED_DAYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ingest {

// The last SOURCE_DAY record of each source and day: about 100 bytes each, and there are no more
// than sources × days that they may report. Not thread-safe.
class ClosedDays {
 public:
  struct Close {
    uint64_t leaf = 0;
    uint64_t events = 0;
    int64_t gross = 0;
    int64_t refunds = 0;

    bool SameTotals(const ledger::SourceDay& day) const {
      return events == day.events && gross == day.gross && refunds == day.refunds;
    }
  };
  using Key = std::pair<std::string, int32_t>;
  // What stood before a change.
  struct Undo {
    Key key;
    std::optional<Close> before;
  };

  const Close* Find(const ledger::SourceDay& day) const {
    const auto it = closes_.find(Key(day.source, day.day));
    return it == closes_.end() ? nullptr : &it->second;
  }
  // Takes the close at `leaf` unless a later one is known, so that the log may be read in any
  // order.
  Undo Put(const ledger::SourceDay& day, uint64_t leaf) {
    Key key(day.source, day.day);
    const Close close{
        .leaf = leaf, .events = day.events, .gross = day.gross, .refunds = day.refunds};
    const auto [it, is_new] = closes_.try_emplace(key, close);
    if (is_new) return {std::move(key), std::nullopt};
    Undo undo{std::move(key), it->second};
    if (it->second.leaf < leaf) it->second = close;
    return undo;
  }
  // Takes what is later in `other`.
  void Merge(const ClosedDays& other) {
    for (const auto& [key, close] : other.closes_) {
      const auto [it, is_new] = closes_.try_emplace(key, close);
      if (!is_new && it->second.leaf < close.leaf) it->second = close;
    }
  }
  // In the opposite order of the changes; clears `changes`.
  void TakeBack(std::vector<Undo>* changes) {
    for (auto change = changes->rbegin(); change != changes->rend(); ++change) {
      if (change->before.has_value()) {
        closes_[change->key] = *change->before;
      } else {
        closes_.erase(change->key);
      }
    }
    changes->clear();
  }
  size_t size() const { return closes_.size(); }

 private:
  absl::flat_hash_map<Key, Close> closes_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_CLOSED_DAYS_H_
