#include "services/catalog/domain/references.h"

#include "absl/strings/str_cat.h"
#include "services/catalog/domain/names.h"

namespace tidemark::catalog {
namespace {

constexpr Types kRegions = TypeBit(Type::kRegion);
constexpr Types kPlaces = kRegions | TypeBit(Type::kRegionGroup);
constexpr Types kCategories = TypeBit(Type::kCategory);
constexpr Types kSources = TypeBit(Type::kSource);
constexpr Types kActors = TypeBit(Type::kOrganisation) | TypeBit(Type::kProvider);

struct Visitor {
  const DocumentRules& rules;
  absl::FunctionRef<void(const Reference&)> visit;

  void One(const std::string& target, Types allowed, std::string_view field) const {
    if (!target.empty()) visit({target, allowed, field});
  }
  void Each(const std::vector<std::string>& targets, Types allowed, std::string_view field) const {
    for (size_t i = 0; i < targets.size(); ++i) {
      visit({targets[i], allowed, field, static_cast<int>(i)});
    }
  }

  void operator()(const std::monostate&) const {}
  void operator()(const Observatory&) const {}
  void operator()(const Source& source) const {
    Each(source.regions, kPlaces, "regions");
    Each(source.categories, kCategories, "categories");
    One(source.organisation, TypeBit(Type::kOrganisation), "organisation");
  }
  void operator()(const IdentifierScheme& scheme) const { One(scheme.source, kSources, "source"); }
  void operator()(const Region& region) const {
    One(region.parent, kRegions, "parent");
    for (size_t i = 0; i < region.successors.size(); ++i) {
      visit({region.successors[i].region, kRegions, "successors", static_cast<int>(i), ".region"});
    }
  }
  void operator()(const RegionGroup& group) const {
    for (size_t i = 0; i < group.members.size(); ++i) {
      visit({group.members[i].member, kPlaces, "members", static_cast<int>(i), ".member"});
    }
  }
  void operator()(const Category& category) const { One(category.parent, kCategories, "parent"); }
  void operator()(const Token& token) const {
    const bool any = token.sources.size() == 1 && token.sources[0] == "*";
    if (!any) Each(token.sources, kSources, "sources");
    One(token.region_scope, kPlaces, "region_scope");
    One(token.acts_for, kActors, "acts_for");
  }
  void operator()(const Document& document) const { rules.ForEachReference(document, visit); }
};

}  // namespace

std::string Reference::Path() const {
  return index < 0 ? std::string(field) : absl::StrCat(field, "[", index, "]", suffix);
}

void ForEachReference(const Resource& resource, const DocumentRules& rules,
                      absl::FunctionRef<void(const Reference&)> visit) {
  std::visit(Visitor{rules, visit}, resource.content);
  rules.ForEachCited(resource.citations, visit);
}

void AddTo(const Reference& reference, std::string_view message, std::string_view reason,
           Report& report) {
  if (reference.shared) {
    report.Add(reference.Path(), message, reason);
  } else {
    report.AddTyped(reference.Path(), message, reason);
  }
}

std::string AllowedNames(Types allowed) {
  std::string names;
  for (const Collection& collection : Collections()) {
    if ((allowed & TypeBit(collection.type)) == 0) continue;
    absl::StrAppend(&names, names.empty() ? "" : " or ", collection.name, "/...");
  }
  return names;
}

}  // namespace tidemark::catalog
