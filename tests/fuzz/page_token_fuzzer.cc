// What callers hand back to us, and what Redis does: page tokens and sealed values. A text that is
// accepted is one that we made, for the same question.
#include "clients/cpp/access/token_file.h"
#include "common/redis/sealed_value.h"
#include "services/analytics/api/page_token.h"
#include "services/catalog/api/page_token.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark {
namespace {

constexpr std::string_view kQuestion = "net by month";

void CheckAnalytics(std::string_view text) {
  const auto token = analytics::PageToken::Decode(text, kQuestion);
  if (!token.ok()) {
    FUZZ_CHECK(absl::IsInvalidArgument(token.status()), token.status().ToString());
    return;
  }
  const std::string again = token->Encode(kQuestion);
  const auto same = analytics::PageToken::Decode(again, kQuestion);
  FUZZ_CHECK(same.ok() && same->log_id == token->log_id && same->log_size == token->log_size &&
                 same->offset == token->offset,
             "analytics");
  FUZZ_CHECK(!analytics::PageToken::Decode(text, "net by year").ok(), "of another question");
}

void CheckCatalog(std::string_view text) {
  const auto token = catalog::DecodePageToken(text, kQuestion);
  if (!token.ok()) {
    FUZZ_CHECK(absl::IsInvalidArgument(token.status()), token.status().ToString());
    return;
  }
  const auto same =
      catalog::DecodePageToken(catalog::EncodePageToken(*token, kQuestion), kQuestion);
  FUZZ_CHECK(same.ok() && same->version == token->version && same->position == token->position,
             "catalog");
  FUZZ_CHECK(!catalog::DecodePageToken(text, "net by year").ok(), "of another question");
}

// The bytes as parts of tokens: whatever we make is read back.
void CheckMade(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8 && i < bytes.size(); ++i) {
    number = number << 8 | static_cast<uint8_t>(bytes[i]);
  }
  analytics::PageToken ours;
  ours.log_size = number;
  ours.offset = ~number;
  ours.log_id = bytes.substr(0, 32);
  const auto same = analytics::PageToken::Decode(ours.Encode(bytes), bytes);
  FUZZ_CHECK(same.ok() && same->log_size == number && same->offset == ~number &&
                 same->log_id == ours.log_id,
             "analytics, made");
  const catalog::PageToken listed{.version = number, .position = std::string(bytes)};
  const auto again = catalog::DecodePageToken(catalog::EncodePageToken(listed, bytes), bytes);
  FUZZ_CHECK(again.ok() && again->version == number && again->position == bytes, "catalog, made");
}

void CheckSealed(std::string_view bytes) {
  constexpr std::string_view kKey = "mac key";
  const std::string name = redis::RedisKey("verdict", 1, bytes);
  FUZZ_CHECK(!redis::Unseal(kKey, name, bytes).has_value(), "a value that nobody sealed");
  std::string sealed = redis::Seal(kKey, name, bytes);
  FUZZ_CHECK(redis::Unseal(kKey, name, sealed) == bytes, "sealed");
  FUZZ_CHECK(!redis::Unseal(kKey, name + "x", sealed).has_value(), "under another name");
  FUZZ_CHECK(!redis::Unseal("other key", name, sealed).has_value(), "with another key");
  const size_t at = bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]) % sealed.size();
  sealed[at] = static_cast<char>(sealed[at] ^ 1);
  FUZZ_CHECK(!redis::Unseal(kKey, name, sealed).has_value(), "changed");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  CheckAnalytics(bytes);
  CheckCatalog(bytes);
  CheckMade(bytes);
  CheckSealed(bytes);
  if (access::LooksLikeToken(bytes)) FUZZ_CHECK(bytes.size() == 46, "length of a token");
}

}  // namespace tidemark
