#include "services/analytics/query/open_codes.h"

#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

// Comparing a code with every other takes microseconds each.
constexpr size_t kMostToCompare = 5'000;
constexpr size_t kMaxCodeBytes = 256;

// Of orders there are too many, and of long lists of codes.
std::string Nearest(Field field, const std::string& code, uint64_t log_size,
                    const StatStore& store) {
  const std::vector<std::string> met = MetCodes(field, log_size, store);
  return NearestWords(code, {met.begin(), met.end()});
}

absl::Status CheckCode(const PlannedFilter& filter, const std::string& code, std::string_view path,
                       uint64_t log_size, const StatStore& store) {
  const bool order = filter.word == nullptr;
  if (order ? store.HasOrder(code, log_size) : store.HasCode(filter.word->field, code, log_size)) {
    return absl::OkStatus();
  }
  return status::InvalidArgument(
      path,
      absl::StrCat("`", code.substr(0, kMaxCodeBytes), "`: no event at this snapshot has that ",
                   order ? "order" : filter.word->name,
                   order ? "" : Nearest(filter.word->field, code, log_size, store)),
      "UNKNOWN_CODE");
}

}  // namespace

std::vector<std::string> MetCodes(Field field, uint64_t log_size, const StatStore& store) {
  const std::shared_ptr<const CodeList> codes = store.Codes(field);
  std::vector<std::string> met;
  if (codes->size() > kMostToCompare) return met;
  for (size_t id = 1; id < codes->size(); ++id) {
    if (store.HasCode(field, (*codes)[id], log_size)) met.emplace_back((*codes)[id]);
  }
  return met;
}

absl::Status CheckOpenCodes(const Plan& plan, const StatStore& store) {
  for (size_t f = 0; f < plan.filters.size(); ++f) {
    const PlannedFilter& filter = plan.filters[f];
    if (filter.word != nullptr && filter.word->codes != CodeKind::kOpen) continue;
    for (size_t i = 0; i < filter.codes.size(); ++i) {
      TM_RETURN_IF_ERROR(CheckCode(filter, filter.codes[i],
                                   absl::StrCat("query.filters[", f, "].codes[", i, "]"),
                                   plan.snapshot.log_size, store));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
