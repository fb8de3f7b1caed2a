#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_REGION_FINDER_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_REGION_FINDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/catalog/search/region_resolver.h"

namespace tidemark::catalog {

// A region that a text names as a whole.
struct NamedRegion {
  ResourcePtr region;
  Match match = Match::kNone;
  std::string successor_of;
};

// `within` of a question and, of a group, its members and theirs; empty when there is none.
absl::flat_hash_set<std::string> WithinOf(const SearchIndex::View& view,
                                          const RegionQuestion& question);

// Finds the regions of a catalog that does not change meanwhile, for one question. Not thread-safe.
class RegionFinder {
 public:
  // `within`: as WithinOf gave it; all must outlive the finder.
  RegionFinder(const SearchIndex::View& view, const RegionQuestion& question,
               const absl::flat_hash_set<std::string>& within)
      : view_(view), question_(question), within_(within) {}

  // Those that the text names as a whole, those above it beside it or not; each once, by its best
  // match. `homophones`: Chinese ones of the same sound too.
  std::vector<NamedRegion> Named(const QueryWord& text, bool homophones);

  // Where a region that was found leads to on the day asked for, by successors that took over all
  // of it; those of them that the question is about, each with what it succeeds.
  void Lead(const ResourcePtr& region, Match match, std::vector<NamedRegion>* out) const;

 private:
  bool IsAbout(const Resource& region) const;
  bool IsWithin(const Resource& region) const;
  // Names that a region may have beside those of regions below it.
  const std::vector<std::string>& KeysOf(const Resource& region);
  // Whether the names of regions above `region` make up `rest`.
  bool IsNamedBy(std::string_view rest, const Resource& region);
  // Looks at `*budget` regions at most.
  void AddWhole(std::string_view key, std::string_view rest, size_t* budget,
                std::vector<NamedRegion>* out);
  void AddHomophones(const QueryWord& text, std::vector<NamedRegion>* out) const;

  const SearchIndex::View& view_;
  const RegionQuestion& question_;
  const absl::flat_hash_set<std::string>& within_;
  absl::flat_hash_map<std::string, std::vector<std::string>> keys_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_REGION_FINDER_H_
