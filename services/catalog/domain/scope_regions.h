#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_REGIONS_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_REGIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/catalog/domain/newest_state.h"

namespace tidemark::catalog {

// Position of a change among those of a request; kUntouched: none.
inline constexpr int32_t kUntouched = -1;
// Windows of regions that one list may have, and that all lists held at once do; 50 bytes each.
inline constexpr size_t kMaxScopeWindows = 2'000'000;

// The regions that sources report, groups resolved into their members, as of a state that is not
// stored yet. Made for one request; `after` must outlive it. Hierarchies must be free of cycles.
//
// What is held is bounded: a region's windows that touch or overlap are one, a list that has too
// many all the same is refused, and lists that have been used are let go of and made again.
class ScopeRegions {
 public:
  // Days as numbers in the order of the calendar; half-open.
  struct Days {
    int32_t start;
    int32_t end;
  };
  // A region and all below it, on the days on which it is reported.
  struct Entry {
    const Resource* region;
    Days days;
    // The first change that moved it, what it lies in, or a group that it is a member of.
    int32_t touched;
  };
  // The entries of each region stand together, disjoint and in the order of their days.
  class Entries {
   public:
    explicit Entries(std::vector<Entry> sorted);
    const std::vector<Entry>& all() const { return all_; }
    // The first of the region's on some of these days; null: none.
    const Entry* Find(const Resource* region, const Days& days) const;

   private:
    struct Range {
      uint32_t begin;
      uint32_t end;
    };
    std::vector<Entry> all_;
    absl::flat_hash_map<const Resource*, Range> by_region_;
  };
  struct List {
    Entries entries;
    // Those that a change touches.
    Entries touched;
  };

  ScopeRegions(const Overlay& after, size_t max_windows)
      : after_(after), max_windows_(max_windows) {}

  // A region or group that the request changes in a way that matters to scopes.
  void Touch(std::string_view name, int change) { touched_[name] = change; }
  bool any_touched() const { return !touched_.empty(); }
  // One of those that touch; there must be one.
  int any_change() const { return touched_.begin()->second; }
  size_t max_windows() const { return max_windows_; }
  // The names of all resources that a touched one is part of, or that lie in it: no source but
  // these reports a touched region. `changes` are those of `after`.
  absl::flat_hash_set<std::string_view> Touched(std::span<const Change> changes) const;

  // The list of Source::regions, which must not be empty. Sources with one list share its number.
  size_t NumberOf(const std::vector<std::string>& regions);
  // Null: it has more windows than can be held.
  std::shared_ptr<const List> Of(size_t number);

  // Whether a region lies in both lists (null: all regions) on a day of `window`.
  bool Meet(const List* a, const List* b, const Validity& window) const;
  // The change that touches such a region, if one does.
  std::optional<int> MeetTouched(const List* a, const List* b, const Validity& window) const;

 private:
  using Windows = std::vector<Entry>;

  const Windows& Members(const Resource& group);
  void Add(const std::string& name, const Days& days, int32_t touched, Windows* out);
  int32_t TouchedAbove(const Resource* region) const;
  const Resource* ParentOf(const Resource& region) const;
  // An entry of `below` that is, or lies below, one of `above` on a day of both: its change, or
  // that of the one above.
  std::optional<int32_t> MeetBelow(const Entries& below, const Entries& above,
                                   const Days& days) const;

  const Overlay& after_;
  const size_t max_windows_;
  absl::flat_hash_map<std::string_view, int> touched_;
  absl::flat_hash_map<std::string, size_t> numbers_;
  // By number.
  std::vector<const std::vector<std::string>*> regions_;
  absl::flat_hash_map<size_t, std::shared_ptr<const List>> lists_;
  absl::flat_hash_map<const Resource*, std::unique_ptr<Windows>> groups_;
  // In `lists_` and in `groups_`.
  size_t list_windows_ = 0;
  size_t group_windows_ = 0;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_SCOPE_REGIONS_H_
