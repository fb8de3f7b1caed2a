#include "services/ingest/store/waiting_refunds.h"

#include <algorithm>
#include <utility>

namespace tidemark::ingest {

size_t WaitingRefunds::CountFor(const Fingerprint& original) const {
  if (!MayWaitFor(original)) return 0;
  const auto it = by_original_.find(original);
  return it == by_original_.end() ? 0 : it->second.size();
}

void WaitingRefunds::Add(const Fingerprint& original, uint64_t refund_leaf) {
  if (refunds_ == 0) std::fill(filter_.begin(), filter_.end(), 0);
  filter_[WordOf(original)] |= BitOf(original);
  by_original_[original].push_back(refund_leaf);
  ++refunds_;
}

std::vector<uint64_t> WaitingRefunds::Take(const Fingerprint& original) {
  const auto it = by_original_.find(original);
  if (it == by_original_.end()) return {};
  std::vector<uint64_t> leaves = std::move(it->second);
  by_original_.erase(it);
  refunds_ -= leaves.size();
  return leaves;
}

void WaitingRefunds::RemoveLast(const Fingerprint& original) {
  const auto it = by_original_.find(original);
  if (it == by_original_.end()) return;
  it->second.pop_back();
  --refunds_;
  if (it->second.empty()) by_original_.erase(it);
}

}  // namespace tidemark::ingest
