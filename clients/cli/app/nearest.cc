#include "clients/cli/app/nearest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/edit_distance.h"

namespace tidemark::cli {
namespace {

constexpr size_t kMostListed = 20;
constexpr size_t kNearest = 5;
// Of the text of whoever asks; longer ones are no names.
constexpr size_t kMostBytes = 200;

std::vector<std::string> NearestOfMany(std::string_view folded,
                                       const std::vector<std::string>& candidates) {
  // Fewest edits first; what is part of the other is nearer than any other word.
  std::vector<std::pair<size_t, const std::string*>> ranked;
  for (const std::string& candidate : candidates) {
    const std::string other = absl::AsciiStrToLower(candidate);
    const bool part =
        !other.empty() && (absl::StrContains(folded, other) || absl::StrContains(other, folded));
    const size_t distance = base::EditDistance(folded, other, kMostBytes);
    ranked.emplace_back(part ? distance : distance + kMostBytes, &candidate);
  }
  const size_t listed = std::min(ranked.size(), kNearest);
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(listed),
                    ranked.end(), [](const auto& a, const auto& b) {
                      return a.first != b.first ? a.first < b.first : *a.second < *b.second;
                    });
  std::vector<std::string> nearest;
  for (size_t i = 0; i < listed; ++i) nearest.push_back(*ranked[i].second);
  return nearest;
}

}  // namespace

std::string NearestHint(std::string_view text, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  // More edits than this and it is another word.
  size_t best_distance = std::max<size_t>(2, text.size() / 3) + 1;
  const std::string folded = absl::AsciiStrToLower(text.substr(0, kMostBytes));
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
  if (candidates.size() <= kMostListed) {
    return absl::StrCat("; known: ", absl::StrJoin(candidates, ", "));
  }
  return absl::StrCat("; nearest: ", absl::StrJoin(NearestOfMany(folded, candidates), ", "));
}

}  // namespace tidemark::cli
