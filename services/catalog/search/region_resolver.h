#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_REGION_RESOLVER_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_REGION_RESOLVER_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "services/catalog/search/search_index.h"

namespace tidemark::catalog {

enum class Outcome : uint8_t { kResolved = 1, kAmbiguous = 2, kUnknown = 3 };

struct RegionQuestion {
  // Region or group that regions are, lie in or belong to; empty: any.
  std::string within;
  // Empty: any.
  std::vector<RegionLevel> levels;
  std::optional<Date> valid_on;
  size_t max_candidates = 0;
  // Asked after every few texts.
  std::function<bool()> cancelled = [] { return false; };
};

struct RegionCandidate {
  ResourcePtr region;
  Evidence match;
  // The region that was named, where `region` is its successor.
  std::string successor_of;
};

struct RegionAnswer {
  Outcome outcome = Outcome::kUnknown;
  std::vector<RegionCandidate> candidates;
};

struct RegionAnswers {
  // One per text.
  std::vector<RegionAnswer> answers;
  uint64_t version = 0;
};

// Which regions the texts name: by a code, a name, an alias, a short name or pinyin as a whole,
// alone or beside the names of regions above it in any order (浙江省宁波市; Ningbo, Zhejiang); else
// what a search for the text finds among regions, as guesses. Of one text at most 1,000 regions are
// looked at. A guess costs a hundred times what a name does, so only the first kMaxGuesses texts
// that no region has as a name are guessed at; the others stay unknown.
inline constexpr size_t kMaxGuesses = 200;
RegionAnswers ResolveRegions(const SearchIndex& index, std::span<const std::string> texts,
                             const RegionQuestion& question);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_REGION_RESOLVER_H_
