#include "services/catalog/observations/stated_bytes.h"

#include "common/base/varint.h"

namespace tidemark::catalog {
namespace {

constexpr uint64_t kVarint = 0;
constexpr uint64_t kFixed64 = 1;
constexpr uint64_t kBytes = 2;
constexpr uint64_t kFixed32 = 5;

// Takes a field off the front; `value` is that of a field of bytes. False at the end.
bool ConsumeField(std::string_view* rest, uint64_t* tag, std::string_view* value) {
  uint64_t number = 0;
  if (rest->empty() || !base::ConsumeVarint(rest, tag)) return false;
  *value = {};
  switch (*tag & 7) {
    case kVarint:
      return base::ConsumeVarint(rest, &number);
    case kFixed64:
    case kFixed32: {
      const size_t size = (*tag & 7) == kFixed64 ? 8 : 4;
      if (rest->size() < size) return false;
      rest->remove_prefix(size);
      return true;
    }
    case kBytes:
      if (!base::ConsumeVarint(rest, &number) || number > rest->size()) return false;
      *value = rest->substr(0, number);
      rest->remove_prefix(number);
      return true;
    default:
      return false;
  }
}

constexpr uint64_t TagOf(int number) { return static_cast<uint64_t>(number) << 3 | kBytes; }

}  // namespace

void ForEachElement(std::string_view message, int number,
                    absl::FunctionRef<void(std::string_view)> visit) {
  uint64_t tag = 0;
  std::string_view value;
  while (ConsumeField(&message, &tag, &value)) {
    if (tag == TagOf(number)) visit(value);
  }
}

std::string_view TextOf(std::string_view message, int number) {
  uint64_t tag = 0;
  std::string_view value;
  while (ConsumeField(&message, &tag, &value)) {
    if (tag == TagOf(number)) return value;
  }
  return {};
}

}  // namespace tidemark::catalog
