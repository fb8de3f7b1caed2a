#include "services/analytics/statistics/indicator/catalog_filter.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/enum_word.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/statistics/mapping_cuts.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

constexpr std::string_view kContents[] = {"DIRECT", "INDIRECT", "NONE"};
constexpr std::string_view kNatures[] = {"GOODS", "SERVICES", "MIXED"};
constexpr std::string_view kSizes[] = {"MICRO", "SMALL", "MEDIUM", "LARGE"};
constexpr std::string_view kKinds[] = {"ENTERPRISE", "PUBLIC_BODY", "CREATOR"};

struct CatalogDimension {
  std::string_view name;
  absl::Span<const std::string_view> codes;
};
constexpr CatalogDimension kDimensions[] = {{"information_content", kContents},
                                            {"category_nature", kNatures},
                                            {"provider_size", kSizes},
                                            {"provider_kind", kKinds}};

const CatalogDimension* FindCatalogDimension(std::string_view name) {
  const auto found = std::find_if(std::begin(kDimensions), std::end(kDimensions),
                                  [&](const CatalogDimension& one) { return one.name == name; });
  return found == std::end(kDimensions) ? nullptr : found;
}

absl::Status CheckCodes(const Query::Filter& filter, const CatalogDimension& dimension) {
  for (const std::string& code : filter.codes) {
    if (std::find(dimension.codes.begin(), dimension.codes.end(), code) != dimension.codes.end())
      continue;
    return status::WithReason(
        absl::InvalidArgumentError(
            absl::StrCat("`", code.substr(0, 256), "` is not a code of ", filter.dimension,
                         NearestWords(code, {dimension.codes.begin(), dimension.codes.end()}))),
        "UNKNOWN_CODE");
  }
  return absl::OkStatus();
}

// An empty word: the catalog does not say.
bool Passes(const Query::Filter& filter, std::string_view word) {
  const bool named = word.empty() ? filter.unknown
                                  : std::find(filter.codes.begin(), filter.codes.end(), word) !=
                                        filter.codes.end();
  return named != filter.exclude;
}

// Not judged counts as NONE.
std::string_view ContentOf(const catalog_client::Category& category) {
  switch (category.information_content) {
    case catalog_client::InformationContent::kDirect:
      return "DIRECT";
    case catalog_client::InformationContent::kIndirect:
      return "INDIRECT";
    default:
      return "NONE";
  }
}

std::string_view NatureOf(const catalog_client::Category& category) {
  const auto number = static_cast<size_t>(category.nature);
  return number == 0 || number > std::size(kNatures) ? "" : kNatures[number - 1];
}

int64_t StartOf(const Calendar& calendar, const type::v1::Date& date) {
  return calendar.StartOfDay(absl::CivilDay(date.year(), date.month(), date.day()) -
                             absl::CivilDay(1970, 1, 1));
}

// How many tables each part of a query has.
size_t MappingsOf(const EngineQuery& query) {
  if (!query.filters.empty()) return query.filters.front().tables.size();
  if (!query.groupings.empty()) return query.groupings.front().tables.size();
  uint32_t mappings = 0;
  for (const TimeSlice& slice : query.slices) mappings = std::max(mappings, slice.mapping + 1);
  return mappings;
}

// A size with the times at which it holds.
struct Sized {
  std::string word;
  int64_t start_us;
  int64_t end_us;
};

std::vector<Sized> SizesOf(const Calendar& calendar, const pb::Provider& provider) {
  std::vector<Sized> sizes;
  for (const pb::ProviderSize& size : provider.sizes()) {
    sizes.push_back(
        {catalog_client::EnumWord(*pb::SizeClass_descriptor(), size.size_class()),
         size.valid().has_start() ? StartOf(calendar, size.valid().start()) : kBeginningOfTime,
         size.valid().has_end() ? StartOf(calendar, size.valid().end()) : kEndOfTime});
  }
  return sizes;
}

}  // namespace

bool IsCatalogDimension(std::string_view dimension) {
  return FindCatalogDimension(dimension) != nullptr;
}

absl::Status CatalogFilters::Add(const Query::Filter& filter, EngineQuery* query) {
  TM_RETURN_IF_ERROR(CheckCodes(filter, *FindCatalogDimension(filter.dimension)));
  if (filter.dimension.starts_with("provider_")) return AddProviders(filter, query);
  return AddCategories(filter, query);
}

absl::Status CatalogFilters::AddCategories(const Query::Filter& filter, EngineQuery* query) const {
  const auto codes = context_.store->Codes(Field::kCategory);
  const bool content = filter.dimension == "information_content";
  auto table = std::make_shared<GroupTable>();
  for (size_t code = 0; code < std::max<size_t>(codes->size(), 1); ++code) {
    const catalog_client::Category* const category =
        code == 0 ? nullptr : context_.view->categories().Find((*codes)[code]);
    const std::string_view word = category == nullptr ? ""
                                  : content           ? ContentOf(*category)
                                                      : NatureOf(*category);
    table->groups.push_back(Passes(filter, word) ? 0 : kDropped);
  }
  query->filters.push_back({Field::kCategory, {MappingsOf(*query), std::move(table)}});
  return absl::OkStatus();
}

absl::Status CatalogFilters::ReadProviders() {
  if (std::exchange(providers_read_, true)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(providers_,
                      context_.catalog->List("providers", "", context_.snapshot.catalog_version));
  for (const pb::Resource& resource : *providers_) {
    by_id_.emplace(resource.name().substr(resource.name().find('/') + 1), &resource.provider());
  }
  holdings_ = std::make_unique<Holdings>(*context_.view);
  return holdings_->by_source() ? ReadSourcesOfCodes() : absl::OkStatus();
}

absl::Status CatalogFilters::ReadSourcesOfCodes() {
  Query query;
  query.measures = {{.name = "events", .column = "events"}};
  query.dimensions = {{"provider", ""}, {"source", ""}};
  TM_ASSIGN_OR_RETURN(const AskedCells asked, AskCells(context_, query));
  for (size_t cell = 0; cell < asked.result.period.size(); ++cell) {
    const Group& code = asked.engine_plan.groups[0][asked.result.groups[0][cell]];
    const Group& source = asked.engine_plan.groups[1][asked.result.groups[1][cell]];
    sources_of_code_[std::string(code.code)].emplace_back(source.code);
  }
  return absl::OkStatus();
}

const pb::Provider* CatalogFilters::Find(std::string_view source, std::string_view code) const {
  const catalog_client::Provider* const provider = holdings_->Find(source, code);
  if (provider == nullptr) return nullptr;
  const auto found = by_id_.find(provider->id);
  return found == by_id_.end() ? nullptr : found->second;
}

absl::Status CatalogFilters::AddProviders(const Query::Filter& filter, EngineQuery* query) {
  TM_RETURN_IF_ERROR(ReadProviders());
  const auto codes = context_.store->Codes(Field::kProvider);
  const bool by_size = filter.dimension == "provider_size";
  const int64_t start_us = query->slices.front().start_us, end_us = query->slices.back().end_us;
  // What each code stands for; sources that use it may mean different providers.
  std::vector<std::vector<const pb::Provider*>> meant(std::max<size_t>(codes->size(), 1));
  std::vector<int64_t> cuts;
  absl::flat_hash_map<const pb::Provider*, std::vector<Sized>> sizes;
  for (size_t code = 1; code < codes->size(); ++code) {
    const auto sources = sources_of_code_.find((*codes)[code]);
    if (sources == sources_of_code_.end()) {
      meant[code].push_back(Find("", (*codes)[code]));
    } else {
      for (const std::string& source : sources->second)
        meant[code].push_back(Find(source, (*codes)[code]));
    }
    if (!by_size) continue;
    for (const pb::Provider* const provider : meant[code]) {
      if (provider == nullptr || sizes.contains(provider)) continue;
      for (const Sized& size : sizes[provider] = SizesOf(*context_.calendar, *provider)) {
        for (const int64_t time : {size.start_us, size.end_us}) {
          if (start_us < time && time < end_us) cuts.push_back(time);
        }
      }
    }
  }
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  TM_ASSIGN_OR_RETURN(const std::vector<size_t> pieces, CutMappings(cuts, query));
  const auto word_of = [&](const pb::Provider* provider, int64_t time_us) -> std::string {
    if (provider == nullptr) return "";
    if (!by_size) return catalog_client::EnumWord(*pb::ProviderKind_descriptor(), provider->kind());
    for (const Sized& size : sizes.at(provider)) {
      if (size.start_us <= time_us && time_us < size.end_us) return size.word;
    }
    return "";
  };
  CodeFilter made{Field::kProvider, {}};
  std::map<size_t, std::shared_ptr<const GroupTable>> by_piece;
  for (const size_t piece : pieces) {
    std::shared_ptr<const GroupTable>& kept = by_piece[piece];
    if (kept == nullptr) {
      const int64_t time_us = piece == 0 ? start_us : cuts[piece - 1];
      auto table = std::make_shared<GroupTable>();
      for (size_t code = 0; code < meant.size(); ++code) {
        bool passes = Passes(filter, code == 0 ? "" : word_of(meant[code].front(), time_us));
        for (const pb::Provider* const provider : meant[code]) {
          if (Passes(filter, word_of(provider, time_us)) == passes) continue;
          return status::WithReason(
              absl::FailedPreconditionError(absl::StrCat(
                  filter.dimension, ": the code `", (*codes)[code],
                  "` names providers that differ in it in different sources; give them codes of "
                  "their own, or filter by source")),
              "PROVIDER_CODE_AMBIGUOUS");
        }
        table->groups.push_back(passes ? 0 : kDropped);
      }
      kept = std::move(table);
    }
    made.tables.push_back(kept);
  }
  query->filters.push_back(std::move(made));
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
