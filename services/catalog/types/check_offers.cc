#include "absl/strings/str_cat.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {

void CheckProvider(const v1::Provider& provider, Report& report) {
  std::vector<DatedEntry> sizes;
  for (int i = 0; i < provider.sizes_size(); ++i) {
    sizes.push_back({&provider.sizes(i).valid(), absl::StrCat("sizes[", i, "]")});
  }
  CheckOneAtATime(std::move(sizes), "another size class", report);
  std::vector<DatedEntry> holdings;
  for (int i = 0; i < provider.holdings_size(); ++i) {
    holdings.push_back({&provider.holdings(i).valid(), absl::StrCat("holdings[", i, "]")});
  }
  CheckOneAtATime(std::move(holdings), "another holding", report);
}

void CheckProduct(const v1::Product& product, Report& report) {
  if (product.kind() == v1::PRODUCT_KIND_ROUTE && product.regions_size() < 2) {
    report.AddTyped("regions", absl::StrCat(product.regions_size(),
                                            " stations; a ROUTE leads over two regions or more"));
  }
  CheckRights(product.rights(), report);
}

void CheckDataAsset(const v1::DataAsset& asset, Report& report) {
  const bool live = asset.kind() == v1::ASSET_KIND_LIVE_DATA;
  if (live != asset.sha256().empty()) {
    report.AddTyped("sha256", live ? "LIVE_DATA changes while it is shared and has no fingerprint"
                                   : "missing; want the SHA-256 of the content");
  }
  if (asset.state() != v1::ASSET_STATE_REGISTERED && !asset.has_terms()) {
    report.AddTyped("terms", "missing; an asset is shared under terms");
  }
  CheckRights(asset.rights(), report);
}

void CheckDataAssetChange(const v1::DataAsset& before, const v1::DataAsset& after, Report& report) {
  if (before.state() != v1::ASSET_STATE_RETIRED || after.state() == v1::ASSET_STATE_RETIRED) return;
  report.AddTyped("state", "cannot change; the asset is retired. Register its content anew",
                  "ASSET_RETIRED");
}

}  // namespace tidemark::catalog
