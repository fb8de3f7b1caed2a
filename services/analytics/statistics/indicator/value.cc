#include "services/analytics/statistics/indicator/value.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics {

std::string_view StatusLetter(ValueStatus status) {
  constexpr std::string_view kLetters[] = {"A", "R", "P", "E"};
  return kLetters[static_cast<int>(status)];
}

std::string FlagsText(ValueFlags flags) {
  constexpr std::string_view kNames[] = {"CARRIED", "PARTIAL",   "QUALIFIED",
                                         "BREAK",   "PART_YEAR", "CROSSWALK"};
  std::string text;
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if ((flags >> i & 1) != 0) absl::StrAppend(&text, text.empty() ? "" : " ", kNames[i]);
  }
  return text;
}

void NodeValue::Follow(const NodeValue& from) {
  exact = exact && from.exact;
  partial = partial || from.partial;
  status = std::max(status, from.status);
  flags |= from.flags;
  if (from.sources.empty() || from.sources == sources) return;
  std::vector<uint32_t> all;
  std::set_union(sources.begin(), sources.end(), from.sources.begin(), from.sources.end(),
                 std::back_inserter(all));
  sources = std::move(all);
}

}  // namespace tidemark::analytics
