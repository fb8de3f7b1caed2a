#include "clients/cli/import/row_id.h"

#include <charconv>
#include <limits>

#include "clients/cpp/ledger/sha256.h"

namespace tidemark::importer {

std::string_view RowIds::Next(const std::vector<std::string_view>& values) {
  content_.clear();
  for (const std::string_view value : values) {
    const uint64_t length =
        value.data() == nullptr ? std::numeric_limits<uint64_t>::max() : value.size();
    for (int byte = 0; byte < 8; ++byte) {
      content_.push_back(static_cast<char>(length >> (8 * byte)));
    }
    content_.insert(content_.end(), value.begin(), value.end());
  }
  const ledger::Hash hash = ledger::Sha256(std::string_view(content_.data(), content_.size()));
  Key key;
  std::memcpy(key.data(), hash.data(), sizeof(key));
  const uint32_t occurrence = ++seen_[key];

  constexpr char kHex[] = "0123456789abcdef";
  char* at = id_.data();
  for (size_t i = 0; i < sizeof(key); ++i) {
    *at++ = kHex[hash[i] >> 4];
    *at++ = kHex[hash[i] & 15];
  }
  if (occurrence > 1) {
    *at++ = '-';
    at = std::to_chars(at, id_.data() + id_.size(), occurrence).ptr;
  }
  return std::string_view(id_.data(), at - id_.data());
}

}  // namespace tidemark::importer
