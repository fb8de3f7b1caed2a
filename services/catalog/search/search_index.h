#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_SEARCH_INDEX_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_SEARCH_INDEX_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/base/mutex.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/state_observer.h"
#include "services/catalog/search/explain.h"
#include "services/catalog/search/found.h"
#include "services/catalog/search/hit_order.h"
#include "services/catalog/search/matching.h"
#include "services/catalog/search/term_table.h"

namespace tidemark::catalog {

struct IndexChange;

struct SearchQuery {
  ParsedQuery query;
  // Types searched; tokens are never found.
  Types types = 0;
  std::optional<Date> valid_on;
  // Of all hits, best first, these are wanted.
  size_t skip = 0;
  size_t count = 0;
  // Tell what was found in what; dearer than to find it.
  bool explain = true;
};

struct SearchHit {
  ResourcePtr resource;
  // Of all words, the worst.
  Match match = Match::kNone;
  std::vector<Evidence> matches;
};

struct SearchResult {
  std::vector<SearchHit> hits;
  // There are hits behind these.
  bool more = false;
  uint64_t version = 0;
};

// The newest state of every resource but tokens, found by what people type. In memory; follows the
// catalog's changes. Searches run beside each other; a change waits for those under way and they
// for it. Thread-safe.
class SearchIndex final : public StateObserver {
 public:
  void Changed(std::span<const Change> changes, uint64_t version) override;

  SearchResult Search(const SearchQuery& query) const;

  // Looks while no change comes between.
  class View {
   public:
    uint64_t version() const { return index_.version_; }
    // Null when there is none.
    const ResourcePtr& Find(std::string_view name) const;
    // The resources of a type that have exactly this term, with its roles; in no order.
    void ForEachWhole(Type type, std::string_view term,
                      absl::FunctionRef<void(const ResourcePtr&, TermClass)> visit) const;

   private:
    friend class SearchIndex;
    explicit View(const SearchIndex& index) : index_(index) {}
    const SearchIndex& index_;
  };
  void Look(absl::FunctionRef<void(const View&)> look) const;

  // Resources in it, and about the memory that it takes beside their states.
  size_t size() const;
  size_t bytes() const;

 private:
  struct Ranked;
  class Best;

  void Put(const IndexChange& change);
  void Remove(const std::string& name, const std::vector<Term>& removed);
  // What a word is found in; `among`: of those, null: of all.
  void CollectWord(const QueryWord& word, const Found* among, Found* found) const;
  // Those that have each of the words, as a whole or by its parts.
  void CollectAll(std::span<const QueryWord> words, Found* all) const;
  void CollectWholeOrParts(const QueryWord& word, const Found* among, Found* found) const;
  bool IsWanted(uint32_t doc, const SearchQuery& query) const;

  // Held by a change while it waits for the searches under way, so that new ones do not pass it.
  mutable base::Mutex gate_;
  mutable std::shared_mutex mutex_;
  TermTable terms_;
  std::vector<ResourcePtr> resources_;
  std::vector<HitOrder> orders_;
  std::vector<uint32_t> free_;
  // Keys look into the resources.
  absl::flat_hash_map<std::string_view, uint32_t> by_name_;
  uint64_t version_ = 0;
  mutable FoundPool found_pool_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_SEARCH_INDEX_H_
