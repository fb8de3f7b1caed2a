#include "services/analytics/statistics/settle/product_codes.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace tidemark::analytics {
namespace {

constexpr std::string_view kProducts = "products/";

}  // namespace

ProductCodes::ProductCodes(const std::vector<catalog::v1::Resource>& products) {
  for (size_t i = 0; i < products.size(); ++i) {
    const int position = static_cast<int>(i);
    by_id_.emplace(absl::StripPrefix(products[i].name(), kProducts), position);
    for (const catalog::v1::OpenCode& code : products[i].product().codes()) {
      const std::string_view source = absl::StripPrefix(code.source(), "sources/");
      by_code_.emplace(std::pair<std::string_view, std::string_view>(source, code.code()),
                       position);
      if (!source.empty()) sources_[code.code()].push_back(source);
    }
  }
}

int ProductCodes::Find(std::string_view source, std::string_view code) const {
  for (const std::string_view of : {source, std::string_view()}) {
    const auto found = by_code_.find({of, code});
    if (found != by_code_.end()) return found->second;
  }
  const auto found = by_id_.find(code);
  return found == by_id_.end() ? -1 : found->second;
}

std::span<const std::string_view> ProductCodes::SourcesOf(std::string_view code) const {
  const auto found = sources_.find(code);
  if (found == sources_.end()) return {};
  return found->second;
}

int ProductCodes::FindName(std::string_view name) const {
  if (!absl::StartsWith(name, kProducts)) return -1;
  const auto found = by_id_.find(name.substr(kProducts.size()));
  return found == by_id_.end() ? -1 : found->second;
}

}  // namespace tidemark::analytics
