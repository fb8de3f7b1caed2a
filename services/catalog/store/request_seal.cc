#include "services/catalog/store/request_seal.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kBareBytes = 32;
constexpr size_t kSumBytes = 4;

std::string SumOf(const RequestRecord& record, std::string_view fingerprint) {
  std::string text;
  // With their lengths, so that no two records have the same text.
  for (const std::string_view part :
       {std::string_view(record.key.principal), std::string_view(record.key.method),
        std::string_view(record.key.request_id), fingerprint}) {
    absl::StrAppend(&text, part.size(), ":", part);
  }
  absl::StrAppend(&text, record.version, ":", record.made_version ? 1 : 0, ":", record.time_us);
  const uint32_t crc = base::Crc32c(text);
  std::string sum;
  for (size_t i = 0; i < kSumBytes; ++i) sum.push_back(static_cast<char>(crc >> (8 * i)));
  return sum;
}

}  // namespace

std::string SealRequest(const RequestRecord& record) {
  return record.fingerprint + SumOf(record, record.fingerprint);
}

bool OpenRequest(RequestRecord* record) {
  std::string& column = record->fingerprint;
  if (column.size() == kBareBytes) return true;
  if (column.size() < kSumBytes) return false;
  const std::string sum = column.substr(column.size() - kSumBytes);
  column.resize(column.size() - kSumBytes);
  return sum == SumOf(*record, column);
}

}  // namespace tidemark::catalog
