#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_ROW_LINKS_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_ROW_LINKS_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "clients/cpp/ledger/record.h"

namespace tidemark::ingest {

// What the rows of a batch name in the log; most rows name nothing. Not thread-safe; keeps its
// memory.
class RowLinks {
 public:
  // The row's links, none before the first call. Valid until the next call of any method.
  ledger::EventLinks& Of(uint32_t row) {
    if (row >= places_.size()) places_.resize(row + 1, 0);
    if (places_[row] == 0) {
      ascending_ = ascending_ && (links_.empty() || links_.back().row < row);
      links_.push_back({.row = row, .links = {}});
      places_[row] = static_cast<uint32_t>(links_.size());
    }
    return links_[places_[row] - 1].links;
  }

  // All of them by ascending row. Of() is not called any more.
  std::span<const ledger::LinkedRow> Sorted() {
    if (!ascending_) {
      std::sort(links_.begin(), links_.end(),
                [](const auto& a, const auto& b) { return a.row < b.row; });
      ascending_ = true;
    }
    return links_;
  }

  void Clear() {
    links_.clear();
    places_.clear();
    ascending_ = true;
  }

 private:
  std::vector<ledger::LinkedRow> links_;
  std::vector<uint32_t> places_;  // by row: 1 + place in links_, 0 for none
  bool ascending_ = true;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_ROW_LINKS_H_
