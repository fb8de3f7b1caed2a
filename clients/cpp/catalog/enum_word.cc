#include "clients/cpp/catalog/enum_word.h"

#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tidemark::catalog_client {

std::string EnumWord(const google::protobuf::EnumValueDescriptor& value) {
  // Every enum of the contract starts with PREFIX_UNSPECIFIED = 0.
  std::string prefix = value.type()->value(0)->name();
  constexpr std::string_view kZero = "UNSPECIFIED";
  if (absl::EndsWith(prefix, kZero)) prefix.resize(prefix.size() - kZero.size());
  return absl::StartsWith(value.name(), prefix) ? value.name().substr(prefix.size()) : value.name();
}

std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  return value == nullptr ? absl::StrCat(number) : EnumWord(*value);
}

}  // namespace tidemark::catalog_client
