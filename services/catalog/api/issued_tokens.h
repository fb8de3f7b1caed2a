#ifndef TIDEMARK_SERVICES_CATALOG_API_ISSUED_TOKENS_H_
#define TIDEMARK_SERVICES_CATALOG_API_ISSUED_TOKENS_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "common/base/mutex.h"

namespace tidemark::catalog {

// Answers of IssueToken whose caller may not have got them: a retry within ten minutes gets the
// secret again. Only in memory, as secrets are never stored; the newest 256. Thread-safe.
class IssuedTokens {
 public:
  struct Issued {
    std::string principal;
    std::string request_id;
    std::string fingerprint;
    // Serialized IssueTokenResponse.
    std::string answer;
    int64_t time_us = 0;
  };
  void Add(Issued issued);
  std::optional<Issued> Find(const std::string& principal, const std::string& request_id,
                             int64_t now_us) const;

 private:
  mutable base::Mutex mutex_;
  std::deque<Issued> issued_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_ISSUED_TOKENS_H_
