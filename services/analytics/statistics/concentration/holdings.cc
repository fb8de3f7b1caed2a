#include "services/analytics/statistics/concentration/holdings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tidemark::analytics {
namespace {

using catalog_client::Provider;

constexpr std::string_view kProviders = "providers/";
// As deep as the catalog lets holdings be; a bound should it ever let more.
constexpr int kDeepest = 32;

const catalog_client::ProviderHolding* HoldingAt(const Provider& provider, int64_t time_us) {
  const auto found = std::find_if(provider.holdings.begin(), provider.holdings.end(),
                                  [&](const auto& one) { return one.valid.Contains(time_us); });
  return found == provider.holdings.end() ? nullptr : &*found;
}

// Null: the holding is no provider.
const Provider* ProviderOf(const catalog_client::CatalogView& view, std::string_view holding) {
  const std::string_view id = absl::StripPrefix(holding, kProviders);
  return id.size() == holding.size() ? nullptr : view.providers().Find(id);
}

}  // namespace

Holdings::Holdings(const catalog_client::CatalogView& view) : view_(view) {
  for (const Provider& provider : view.providers().items()) {
    names_.emplace(&provider, absl::StrCat(kProviders, provider.id));
    for (const catalog_client::ProviderCode& code : provider.codes) {
      by_code_.emplace(std::pair<std::string_view, std::string_view>(code.source, code.code),
                       &provider);
      by_source_ = by_source_ || !code.source.empty();
    }
  }
}

const Provider* Holdings::Find(std::string_view source, std::string_view code) const {
  for (const std::string_view of : {source, std::string_view()}) {
    const auto found = by_code_.find({of, code});
    if (found != by_code_.end()) return found->second;
  }
  return view_.providers().Find(code);
}

std::string_view Holdings::Top(const Provider& provider, int64_t time_us) const {
  const Provider* at = &provider;
  for (int depth = 0; depth < kDeepest; ++depth) {
    const catalog_client::ProviderHolding* const above = HoldingAt(*at, time_us);
    if (above == nullptr) break;
    const Provider* const next = ProviderOf(view_, above->holding);
    if (next == nullptr) return above->holding;
    at = next;
  }
  return at->organisation.empty() ? std::string_view(names_.at(at)) : at->organisation;
}

void Holdings::AddChanges(const Provider& provider, int64_t start_us, int64_t end_us,
                          std::vector<int64_t>* times) const {
  // Every holding that the provider ever had, and theirs.
  std::vector<const Provider*> open = {&provider}, seen;
  while (!open.empty()) {
    const Provider* const at = open.back();
    open.pop_back();
    if (std::find(seen.begin(), seen.end(), at) != seen.end()) continue;
    seen.push_back(at);
    for (const catalog_client::ProviderHolding& one : at->holdings) {
      for (const int64_t time : {one.valid.start_us, one.valid.end_us}) {
        if (start_us < time && time < end_us) times->push_back(time);
      }
      if (const Provider* const next = ProviderOf(view_, one.holding)) open.push_back(next);
    }
  }
}

}  // namespace tidemark::analytics
