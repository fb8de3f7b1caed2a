#include "clients/cli/import/lookup_step.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/nearest.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

enum class Unmapped { kReject, kAbsent, kKeep };

// With a `default` and nothing said, what is not found takes the default.
absl::StatusOr<Unmapped> UnmappedOf(const ConfigNode& node) {
  TM_ASSIGN_OR_RETURN(const int choice, node.ChoiceOf("unmapped", {"reject", "absent", "keep"},
                                                      node.Has("default") ? 1 : 0));
  return static_cast<Unmapped>(choice);
}

class MapStep final : public TextStep {
 public:
  MapStep(std::shared_ptr<const ValueMap> map, Unmapped unmapped)
      : map_(std::move(map)), unmapped_(unmapped) {}
  bool Apply(RowContext& context, std::string_view* text) const override {
    const std::optional<std::string>* found = map_->Find(*text);
    if (found != nullptr) {
      *text = found->has_value() ? std::string_view(**found) : std::string_view();
      return true;
    }
    if (unmapped_ == Unmapped::kReject) {
      return context.Reject("UNMAPPED_VALUE", absl::StrCat(Quoted(*text), " is not in the map"));
    }
    if (unmapped_ == Unmapped::kAbsent) *text = {};
    return true;
  }

 private:
  const std::shared_ptr<const ValueMap> map_;
  const Unmapped unmapped_;
};

class LookupStep final : public TextStep {
 public:
  LookupStep(NameResolver* resolver, NameKind kind, Unmapped unmapped)
      : resolver_(resolver), kind_(kind), unmapped_(unmapped) {}

  bool Apply(RowContext& context, std::string_view* text) const override {
    auto it = cache_.find(*text);
    if (it == cache_.end()) {
      it = cache_.emplace(*text, resolver_->Resolve(kind_, *text)).first;
    }
    const absl::StatusOr<std::string>& id = it->second;
    if (id.ok()) {
      *text = context.scratch.Copy(*id);
      return true;
    }
    // A name with two meanings is never passed over.
    if (absl::IsFailedPrecondition(id.status())) {
      return context.Reject("AMBIGUOUS_NAME", std::string(id.status().message()));
    }
    if (unmapped_ == Unmapped::kReject) {
      return context.Reject("UNKNOWN_NAME", std::string(id.status().message()));
    }
    if (unmapped_ == Unmapped::kAbsent) *text = {};
    return true;
  }

 private:
  NameResolver* const resolver_;
  const NameKind kind_;
  const Unmapped unmapped_;
  // One importing thread uses an expression.
  mutable absl::flat_hash_map<std::string, absl::StatusOr<std::string>> cache_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const TextStep>> CompileMapStep(const ConfigNode& node,
                                                               CompileScope& scope) {
  TM_ASSIGN_OR_RETURN(const Unmapped unmapped, UnmappedOf(node));
  const ConfigNode map = node.Get("map");
  if (map.IsMap()) {
    TM_ASSIGN_OR_RETURN(auto values, ValueMap::FromEntries(map, /*ignore_case=*/false));
    return std::make_unique<MapStep>(std::move(values), unmapped);
  }
  TM_ASSIGN_OR_RETURN(const std::string name, map.Text());
  const auto it = scope.maps.find(name);
  if (it == scope.maps.end()) {
    std::vector<std::string> known;
    for (const auto& [key, unused] : scope.maps) known.push_back(key);
    return map.Error(absl::StrCat("`maps` has no `", name, "`", cli::NearestHint(name, known)));
  }
  return std::make_unique<MapStep>(it->second, unmapped);
}

absl::StatusOr<std::unique_ptr<const TextStep>> CompileLookupStep(const ConfigNode& node,
                                                                  CompileScope& scope) {
  TM_ASSIGN_OR_RETURN(const Unmapped unmapped, UnmappedOf(node));
  TM_ASSIGN_OR_RETURN(const int kind, node.ChoiceOf("lookup", {"regions", "categories"}, 0));
  if (scope.resolver == nullptr) {
    return node.Get("lookup").Error("needs the catalog; connect to it or use `map`");
  }
  const NameKind names = kind == 0 ? NameKind::kRegion : NameKind::kCategory;
  // Now: a catalog that is away must not turn rows into rejected ones.
  TM_RETURN_IF_ERROR(scope.resolver->Prepare(names));
  return std::make_unique<LookupStep>(scope.resolver, names, unmapped);
}

}  // namespace tidemark::importer
