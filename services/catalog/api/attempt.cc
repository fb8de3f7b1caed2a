#include "services/catalog/api/attempt.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/token_authorizer.h"
#include "common/base/varint.h"
#include "common/status/error.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kRequestIdBytes = 64;

}  // namespace

absl::Status CheckRequestId(const std::string& request_id) {
  if (request_id.size() <= kRequestIdBytes) return absl::OkStatus();
  return status::InvalidArgument(
      "request_id", absl::StrCat(Bytes(request_id.size()), ", want at most ", kRequestIdBytes),
      "INVALID_REQUEST_ID");
}

void Fingerprint::Add(std::string_view text) {
  base::AppendVarint(text.size(), &bytes_);
  bytes_ += text;
}

std::string Fingerprint::Finish() const { return access::HashSecret(bytes_); }

}  // namespace tidemark::catalog
