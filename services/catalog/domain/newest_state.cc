#include "services/catalog/domain/newest_state.h"

#include <algorithm>

#include "common/base/edit_distance.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/references.h"

namespace tidemark::catalog {
namespace {

// Bounds the work that one wrong name can cause: at 0.4 us each (they are spread over memory), 8
// ms.
constexpr size_t kNamesCompared = 20'000;

}  // namespace

absl::flat_hash_set<std::string> NewestState::Targets(const Resource& resource) const {
  absl::flat_hash_set<std::string> targets;
  ForEachReference(resource, *rules_,
                   [&](const Reference& reference) { targets.emplace(reference.target); });
  if (const auto* document = std::get_if<Document>(&resource.content)) {
    rules_->ForEachKey(*document, [&](std::string_view key) { targets.emplace(key); });
  }
  return targets;
}

void NewestState::Put(ResourcePtr resource) {
  Names& names = by_name_[static_cast<size_t>(resource->type())];
  const auto it = names.find(std::string_view(resource->name));
  if (it != names.end()) {
    const ResourcePtr before = *it;
    names.erase(it);
    // Links that stay are left alone: a large parent is not rehashed for each child's new name.
    const auto old_targets = Targets(*before);
    const auto new_targets = Targets(*resource);
    if (old_targets != new_targets) {
      Unlink(*before);
      Link(*resource);
    }
  } else {
    Link(*resource);
  }
  if (resource->type() == Type::kObservatory) observatory_ = resource.get();
  names.insert(std::move(resource));
}

void NewestState::Remove(std::string_view name) {
  const ResourcePtr before = FindShared(name);
  if (before == nullptr) return;
  Unlink(*before);
  if (observatory_ == before.get()) observatory_ = nullptr;
  by_name_[static_cast<size_t>(before->type())].erase(before);
}

void NewestState::Unlink(const Resource& resource) {
  for (const std::string& target : Targets(resource)) {
    const auto it = referrers_.find(target);
    if (it == referrers_.end()) continue;
    it->second.erase(resource.name);
    if (it->second.empty()) referrers_.erase(it);
  }
}

void NewestState::Link(const Resource& resource) {
  for (const std::string& target : Targets(resource)) {
    referrers_[target].insert(resource.name);
  }
}

const Resource* NewestState::Find(std::string_view name) const { return FindShared(name).get(); }

ResourcePtr NewestState::FindShared(std::string_view name) const {
  const auto parsed = ParseName(name);
  if (!parsed) return nullptr;
  const Names& names = by_name_[static_cast<size_t>(parsed->type)];
  const auto it = names.find(name);
  return it == names.end() ? nullptr : *it;
}

void NewestState::ForEach(Type type, absl::FunctionRef<void(const Resource&)> visit) const {
  for (const ResourcePtr& resource : by_name_[static_cast<size_t>(type)]) visit(*resource);
}

void NewestState::ForEachReferrer(std::string_view target,
                                  absl::FunctionRef<void(std::string_view name)> visit) const {
  const auto it = referrers_.find(target);
  if (it == referrers_.end()) return;
  for (const std::string& name : it->second) visit(name);
}

void NewestState::ForEachReferrer(Type type, std::string_view target,
                                  absl::FunctionRef<void(const Resource&)> visit) const {
  const std::string_view collection = CollectionOf(type).name;
  ForEachReferrer(target, [&](std::string_view name) {
    if (name.substr(0, name.find('/')) == collection) visit(*Find(name));
  });
}

size_t NewestState::referrers(std::string_view target) const {
  const auto it = referrers_.find(target);
  return it == referrers_.end() ? 0 : it->second.size();
}

std::vector<ResourcePtr> NewestState::Candidates(std::string_view name) const {
  std::vector<ResourcePtr> some;
  const auto parsed = ParseName(name);
  if (!parsed) return some;
  const Names& names = by_name_[static_cast<size_t>(parsed->type)];
  some.reserve(std::min(names.size(), kNamesCompared));
  for (const ResourcePtr& resource : names) {
    if (some.size() == kNamesCompared) break;
    some.push_back(resource);
  }
  return some;
}

std::vector<std::string> NearestNames(const std::vector<ResourcePtr>& candidates,
                                      std::string_view name, size_t limit) {
  const auto parsed = ParseName(name);
  if (!parsed) return {};
  // Two swapped letters are a distance of 2.
  const size_t length = parsed->id.size();
  const size_t furthest = length < 4 ? 1 : std::clamp<size_t>(length / 3, 2, 4);
  std::vector<std::pair<size_t, std::string_view>> near;
  for (const ResourcePtr& resource : candidates) {
    const std::string_view other = resource->name;
    const size_t distance = base::EditDistance(name, other, furthest);
    if (distance <= furthest) near.emplace_back(distance, other);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> names;
  for (size_t i = 0; i < near.size() && i < limit; ++i) names.emplace_back(near[i].second);
  return names;
}

const Resource* Overlay::Find(std::string_view name) const {
  const auto it = changed_.find(name);
  return it == changed_.end() ? base_.Find(name) : it->second;
}

void Overlay::IndexReferrers() const {
  if (indexed_) return;
  indexed_ = true;
  for (const auto& changed : changed_) {
    const Resource* resource = changed.second;
    ForEachReference(*resource, base_.rules(), [&](const Reference& reference) {
      std::vector<const Resource*>& referrers = referrers_[reference.target];
      if (referrers.empty() || referrers.back() != resource) referrers.push_back(resource);
    });
  }
}

void Overlay::ForEachReferrer(Type type, std::string_view target,
                              absl::FunctionRef<void(const Resource&)> visit) const {
  base_.ForEachReferrer(type, target, [&](const Resource& resource) {
    if (!changed_.contains(resource.name)) visit(resource);
  });
  IndexReferrers();
  const auto it = referrers_.find(target);
  if (it == referrers_.end()) return;
  for (const Resource* resource : it->second) {
    if (resource->type() == type) visit(*resource);
  }
}

}  // namespace tidemark::catalog
