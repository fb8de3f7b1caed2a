#include "services/analytics/api/page_token.h"

#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/status/error.h"

namespace tidemark::analytics {
namespace {

constexpr char kVersion = 1;
constexpr size_t kChecksumBytes = 16;
// Version, log size, offset.
constexpr size_t kFixedBytes = 1 + 8 + 8;

void AppendUint64(uint64_t value, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

uint64_t ReadUint64(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::string Checksum(std::string_view payload, std::string_view question) {
  std::string bytes = "tidemark analytics page token";
  AppendUint64(payload.size(), &bytes);
  absl::StrAppend(&bytes, payload, question);
  const ledger::Hash hash = ledger::Sha256(bytes);
  return std::string(reinterpret_cast<const char*>(hash.data()), kChecksumBytes);
}

}  // namespace

std::string PageToken::Encode(std::string_view question) const {
  std::string payload(1, kVersion);
  AppendUint64(log_size, &payload);
  AppendUint64(offset, &payload);
  payload += log_id;
  return absl::WebSafeBase64Escape(payload + Checksum(payload, question));
}

absl::StatusOr<PageToken> PageToken::Decode(std::string_view text, std::string_view question) {
  const auto invalid = [](std::string_view why) {
    return status::InvalidArgument("page_token", why, "PAGE_TOKEN_INVALID");
  };
  constexpr size_t kMostBytes = 200;
  std::string bytes;
  if (text.size() > kMostBytes || !absl::WebSafeBase64Unescape(text, &bytes) ||
      bytes.size() < kFixedBytes + kChecksumBytes || bytes[0] != kVersion) {
    return invalid("not a token of this service; send next_page_token of the page before as it is");
  }
  const std::string_view payload(bytes.data(), bytes.size() - kChecksumBytes);
  if (std::string_view(bytes).substr(payload.size()) != Checksum(payload, question)) {
    return invalid(
        "damaged, or of another query; repeat the query of the first page with the token that "
        "answered it");
  }
  PageToken token;
  token.log_size = ReadUint64(payload.substr(1));
  token.offset = ReadUint64(payload.substr(9));
  token.log_id = payload.substr(kFixedBytes);
  return token;
}

}  // namespace tidemark::analytics
