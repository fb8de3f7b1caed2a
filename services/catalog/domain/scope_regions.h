#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_REGIONS_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_REGIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/catalog/domain/newest_state.h"

namespace tidemark::catalog {

// Position of a change among those of a request; kUntouched: none.
inline constexpr int kUntouched = -1;

// The regions that sources report, groups resolved into their members, as of a state that is not
// stored yet. Made for one request; `after` must outlive it. Hierarchies must be free of cycles.
class ScopeRegions {
 public:
  // A region and all below it, on the days on which it is reported.
  struct Entry {
    const Resource* region;
    Validity window;
    // The change that moved it, what it lies in, or the group that it is a member of.
    int touched;
  };
  struct List {
    std::vector<Entry> entries;
    // Positions in `entries`.
    absl::flat_hash_map<const Resource*, std::vector<size_t>> by_region;
  };
  explicit ScopeRegions(const Overlay& after) : after_(after) {}

  // A region or group that the request changes in a way that matters to scopes.
  void Touch(std::string_view name, int change) { touched_[name] = change; }
  bool any_touched() const { return !touched_.empty(); }

  // Of Source::regions, which must not be empty. Sources with one list share it.
  const List& Of(const std::vector<std::string>& regions);

  // Whether a region lies in both lists (null: all regions) on a day of `window`. Gives the change
  // that touches it. `only_touched`: others are passed over.
  std::optional<int> Meet(const List* a, const List* b, const Validity& window,
                          bool only_touched) const;

 private:
  const std::vector<Entry>& Members(const Resource& group);
  void Add(const std::string& name, const Validity& window, int touched, std::vector<Entry>* out);
  int TouchedAbove(const Resource* region) const;
  // As Meet, for entries of `below` that are, or lie below, one of `above`.
  std::optional<int> MeetBelow(const List& below, const List& above, const Validity& window,
                               bool only_touched) const;

  const Overlay& after_;
  absl::flat_hash_map<std::string_view, int> touched_;
  absl::flat_hash_map<std::string, std::unique_ptr<List>> lists_;
  absl::flat_hash_map<const Resource*, std::unique_ptr<std::vector<Entry>>> groups_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_REGIONS_H_
