#include "services/catalog/api/issued_tokens.h"

#include <utility>

namespace tidemark::catalog {
namespace {
constexpr size_t kKept = 256;
constexpr int64_t kLifeUs = int64_t{600} * 1'000'000;
}  // namespace

void IssuedTokens::Add(Issued issued) {
  base::MutexLock lock(mutex_);
  while (!issued_.empty() &&
         (issued_.size() >= kKept || issued_.front().time_us < issued.time_us - kLifeUs)) {
    issued_.pop_front();
  }
  issued_.push_back(std::move(issued));
}

std::optional<IssuedTokens::Issued> IssuedTokens::Find(const std::string& principal,
                                                       const std::string& request_id,
                                                       int64_t now_us) const {
  base::MutexLock lock(mutex_);
  for (const Issued& issued : issued_) {
    if (issued.principal == principal && issued.request_id == request_id &&
        issued.time_us >= now_us - kLifeUs) {
      return issued;
    }
  }
  return std::nullopt;
}

}  // namespace tidemark::catalog
