#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_NEWEST_STATE_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_NEWEST_STATE_H_

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "services/catalog/domain/document_rules.h"
#include "services/catalog/domain/notes.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// Finds states by name, and by what they refer to.
class ResourceLookup {
 public:
  virtual ~ResourceLookup() = default;
  // Null when there is none.
  virtual const Resource* Find(std::string_view name) const = 0;
  // As it is stored, without changes that are not made yet.
  virtual const Resource* FindStored(std::string_view name) const = 0;
  // Every resource of a type that refers to `target`, in no order. Costs what all referrers of
  // `target` do, of whatever type.
  virtual void ForEachReferrer(Type type, std::string_view target,
                               absl::FunctionRef<void(const Resource&)> visit) const = 0;
  // For a look-up of one request, once it changes no more.
  Notes& notes() const { return notes_; }

 private:
  mutable Notes notes_;
};

// Every resource as it is now, with who refers to whom. Not thread-safe.
class NewestState final : public ResourceLookup {
 public:
  // `rules` must outlive the state.
  explicit NewestState(const DocumentRules* rules) : rules_(rules) {}

  const DocumentRules& rules() const { return *rules_; }

  // Creates or replaces.
  void Put(ResourcePtr resource);
  void Remove(std::string_view name);

  const Resource* Find(std::string_view name) const override;
  const Resource* FindStored(std::string_view name) const override { return Find(name); }
  void ForEachReferrer(Type type, std::string_view target,
                       absl::FunctionRef<void(const Resource&)> visit) const override;
  ResourcePtr FindShared(std::string_view name) const;
  // Null when there is none.
  const Resource* observatory() const { return observatory_; }

  // Every resource of a type, in no order.
  void ForEach(Type type, absl::FunctionRef<void(const Resource&)> visit) const;

  // Names of the resources that refer to `target`, in no order.
  void ForEachReferrer(std::string_view target,
                       absl::FunctionRef<void(std::string_view name)> visit) const;
  size_t referrers(std::string_view target) const;

  // Some of the collection that `name` is of, for NearestNames.
  std::vector<ResourcePtr> Candidates(std::string_view name) const;

  size_t size(Type type) const { return by_name_[static_cast<size_t>(type)].size(); }

 private:
  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return absl::Hash<std::string_view>{}(name); }
    size_t operator()(const ResourcePtr& r) const { return (*this)(std::string_view(r->name)); }
  };
  struct NameEq {
    using is_transparent = void;
    static std::string_view Of(std::string_view name) { return name; }
    static std::string_view Of(const ResourcePtr& r) { return r->name; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Of(a) == Of(b);
    }
  };
  using Names = absl::flat_hash_set<ResourcePtr, NameHash, NameEq>;

  void Unlink(const Resource& resource);
  void Link(const Resource& resource);

  // What it refers to, and its keys (DocumentRules::ForEachKey).
  absl::flat_hash_set<std::string> Targets(const Resource& resource) const;

  const DocumentRules* rules_;
  std::array<Names, kTypeCount> by_name_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> referrers_;
  const Resource* observatory_ = nullptr;
};

// Up to `limit` names of the candidates that look like `name`, nearest first. Slow (8 ms for the
// most that Candidates gives): hold no lock.
std::vector<std::string> NearestNames(const std::vector<ResourcePtr>& candidates,
                                      std::string_view name, size_t limit);

// A state with changes laid over it that are not made yet.
class Overlay final : public ResourceLookup {
 public:
  explicit Overlay(const NewestState& base) : base_(base) {}
  // `resource` must outlive the overlay. All before the first look-up.
  void Put(const Resource& resource) { changed_[resource.name] = &resource; }
  const Resource* Find(std::string_view name) const override;
  const Resource* FindStored(std::string_view name) const override { return base_.Find(name); }
  void ForEachReferrer(Type type, std::string_view target,
                       absl::FunctionRef<void(const Resource&)> visit) const override;
  bool changed(std::string_view name) const { return changed_.contains(name); }
  const NewestState& base() const { return base_; }

 private:
  void IndexReferrers() const;

  const NewestState& base_;
  absl::flat_hash_map<std::string_view, const Resource*> changed_;
  // What the changed states refer to; made when it is first needed.
  mutable bool indexed_ = false;
  mutable absl::flat_hash_map<std::string, std::vector<const Resource*>> referrers_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_NEWEST_STATE_H_
