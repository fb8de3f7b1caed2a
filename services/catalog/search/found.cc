#include "services/catalog/search/found.h"

#include <algorithm>
#include <utility>

namespace tidemark::catalog {
namespace {

constexpr uint8_t kNotFound = static_cast<uint8_t>(Match::kNone);

}  // namespace

void Found::Reset(size_t count) {
  for (const uint32_t doc : docs_) matches_[doc] = kNotFound;
  docs_.clear();
  if (matches_.size() < count) matches_.resize(count, kNotFound);
}

void Found::Offer(uint32_t doc, Match match) {
  uint8_t& best = matches_[doc];
  if (best == kNotFound) docs_.push_back(doc);
  best = std::min(best, static_cast<uint8_t>(match));
}

FoundPool::Lease::Lease(FoundPool& pool, size_t count) : pool_(pool) {
  {
    base::MutexLock lock(pool_.mutex_);
    if (!pool_.free_.empty()) {
      found_ = std::move(pool_.free_.back());
      pool_.free_.pop_back();
    }
  }
  if (found_ == nullptr) found_ = std::make_unique<Found>();
  found_->Reset(count);
}

FoundPool::Lease::~Lease() {
  base::MutexLock lock(pool_.mutex_);
  pool_.free_.push_back(std::move(found_));
}

}  // namespace tidemark::catalog
