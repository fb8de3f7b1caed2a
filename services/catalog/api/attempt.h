#ifndef TIDEMARK_SERVICES_CATALOG_API_ATTEMPT_H_
#define TIDEMARK_SERVICES_CATALOG_API_ATTEMPT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

// What tells the attempts of a request apart, and requests from each other.
namespace tidemark::catalog {

// INVALID_ARGUMENT when it is longer than 64 bytes.
absl::Status CheckRequestId(const std::string& request_id);

// SHA-256 of texts, each with its length, so that no two lists of texts have the same bytes.
class Fingerprint {
 public:
  void Add(std::string_view text);
  std::string Finish() const;

 private:
  std::string bytes_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_ATTEMPT_H_
