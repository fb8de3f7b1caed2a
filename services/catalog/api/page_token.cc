#include "services/catalog/api/page_token.h"

#include "absl/strings/escaping.h"
#include "common/base/crc32c.h"
#include "common/base/varint.h"
#include "common/status/error.h"

namespace tidemark::catalog {
namespace {

constexpr char kFormat = 1;
constexpr size_t kChecksumBytes = 4;

std::string Checksum(std::string_view payload, std::string_view request) {
  const uint32_t crc = base::ExtendCrc32c(base::Crc32c(payload), request);
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(crc >> shift));
  return bytes;
}

}  // namespace

std::string EncodePageToken(const PageToken& token, std::string_view request) {
  std::string payload(1, kFormat);
  base::AppendVarint(token.version, &payload);
  payload += token.position;
  return absl::WebSafeBase64Escape(payload + Checksum(payload, request));
}

absl::StatusOr<PageToken> DecodePageToken(std::string_view text, std::string_view request) {
  const absl::Status wrong = status::InvalidArgument(
      "page_token",
      "is not the next_page_token of this request; give it as it came, with the same other "
      "fields, or start again without one",
      "INVALID_PAGE_TOKEN");
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || bytes.size() < 1 + kChecksumBytes) {
    return wrong;
  }
  const std::string checksum = bytes.substr(bytes.size() - kChecksumBytes);
  bytes.resize(bytes.size() - kChecksumBytes);
  if (bytes[0] != kFormat || Checksum(bytes, request) != checksum) return wrong;
  std::string_view rest = std::string_view(bytes).substr(1);
  PageToken token;
  if (!base::ConsumeVarint(&rest, &token.version)) return wrong;
  token.position = std::string(rest);
  return token;
}

}  // namespace tidemark::catalog
