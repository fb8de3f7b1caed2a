#include "clients/cli/app/nearest.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/edit_distance.h"

namespace tidemark::cli {
namespace {

constexpr size_t kMostListed = 20;

}  // namespace

std::string NearestHint(std::string_view text, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  // More edits than this and it is another word.
  size_t best_distance = std::max<size_t>(2, text.size() / 3) + 1;
  const std::string folded = absl::AsciiStrToLower(text.substr(0, 200));
  for (const std::string& candidate : candidates) {
    const size_t distance =
        base::EditDistance(folded, absl::AsciiStrToLower(candidate), best_distance);
    if (distance < best_distance) {
      best_distance = distance;
      best = &candidate;
    }
  }
  if (best != nullptr) return absl::StrCat("; did you mean `", *best, "`?");
  if (candidates.empty()) return "";
  const size_t listed = std::min(candidates.size(), kMostListed);
  return absl::StrCat(
      "; known: ", absl::StrJoin(candidates.begin(), candidates.begin() + listed, ", "),
      listed < candidates.size() ? ", ..." : "");
}

}  // namespace tidemark::cli
