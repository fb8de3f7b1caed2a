#include "services/ingest/api/column_codes.h"

#include <algorithm>

#include "services/ingest/api/open_fields.h"

namespace tidemark::ingest {
namespace {

template <typename T>
void FindAll(const CodeColumn& column, const catalog_client::Table<T>& table,
             std::vector<const T*>* found) {
  found->clear();
  if (column.empty()) return;
  found->push_back(nullptr);
  for (const std::string_view code : column.values()) found->push_back(table.Find(code));
}

template <typename T>
const T* At(const CodeColumn& column, const std::vector<const T*>& found, size_t row) {
  return found.empty() ? nullptr : found[column.number(row)];
}

}  // namespace

void ColumnCodes::Resolve(const EventColumns& columns, const catalog_client::CatalogView& view,
                          const OpenCodes& open_codes) {
  FindAll(columns.codes(CodeField::kSource), view.sources(), &sources_);
  FindAll(columns.codes(CodeField::kOriginalSource), view.sources(), &original_sources_);
  FindAll(columns.codes(CodeField::kTransactionScheme), view.schemes(), &transaction_schemes_);
  FindAll(columns.codes(CodeField::kConsumerScheme), view.schemes(), &consumer_schemes_);
  FindAll(columns.codes(CodeField::kConsumerRegion), view.regions(), &consumer_regions_);
  FindAll(columns.codes(CodeField::kProviderRegion), view.regions(), &provider_regions_);
  FindAll(columns.codes(CodeField::kPlaceOfUse), view.regions(), &places_);
  FindAll(columns.codes(CodeField::kCategory), view.categories(), &categories_);
  source_keys_.clear();
  for (const catalog_client::Source* source : sources_) {
    source_keys_.push_back(source == nullptr ? 0 : open_codes.SourceKey(source->id));
  }
  for (size_t list = 0; list < kOpenListCount; ++list) {
    const CodeColumn& column = columns.codes(kOpenFields[list]);
    hashes_[list].clear();
    if (column.empty()) continue;
    hashes_[list].push_back(0);
    for (const std::string_view code : column.values()) {
      hashes_[list].push_back(open_codes.hash()(code));
    }
  }
}

void ColumnCodes::Prefetch(const EventColumns& columns, size_t row,
                           const OpenCodes& open_codes) const {
  if (source_keys_.empty()) return;
  const uint64_t source = source_keys_[columns.codes(CodeField::kSource).number(row)];
  for (const OpenList list : {OpenList::kProduct, OpenList::kProvider}) {
    const auto i = static_cast<size_t>(list);
    if (hashes_[i].empty()) continue;
    const uint32_t number = columns.codes(kOpenFields[i]).number(row);
    if (number != 0) open_codes.Prefetch(OpenCodes::KeyOf(source, list, hashes_[i][number]));
  }
}

bool ColumnCodes::AllTaken(int64_t first_us, int64_t last_us, ReferenceValidator* validator) const {
  // The first is of no code.
  const auto all = [](const auto& found, const auto& taken) {
    return found.empty() || std::all_of(found.begin() + 1, found.end(), taken);
  };
  const auto in_force = [=](const auto* entity) {
    return entity != nullptr && entity->valid.Contains(first_us) && entity->valid.Contains(last_us);
  };
  return all(sources_,
             [&](const catalog_client::Source* source) {
               return validator->TakesAll(source, first_us, last_us);
             }) &&
         all(consumer_schemes_,
             [&](const catalog_client::IdentifierScheme* scheme) {
               return in_force(scheme) &&
                      scheme->scheme_class != catalog_client::SchemeClass::kTransaction &&
                      all(sources_, [scheme](const catalog_client::Source* source) {
                        return scheme->source == catalog_client::kNone ||
                               scheme->source == source->ordinal;
                      });
             }) &&
         all(consumer_regions_, in_force) && all(provider_regions_, in_force) &&
         all(places_, in_force) && all(categories_, in_force);
}

void ColumnCodes::CodesOf(const EventColumns& columns, size_t row,
                          ReferenceValidator::Codes* codes) const {
  codes->source = At(columns.codes(CodeField::kSource), sources_, row);
  codes->original_source = At(columns.codes(CodeField::kOriginalSource), original_sources_, row);
  codes->transaction_scheme =
      At(columns.codes(CodeField::kTransactionScheme), transaction_schemes_, row);
  codes->consumer_scheme = At(columns.codes(CodeField::kConsumerScheme), consumer_schemes_, row);
  codes->consumer_region = At(columns.codes(CodeField::kConsumerRegion), consumer_regions_, row);
  codes->provider_region = At(columns.codes(CodeField::kProviderRegion), provider_regions_, row);
  codes->place_of_use = At(columns.codes(CodeField::kPlaceOfUse), places_, row);
  codes->category = At(columns.codes(CodeField::kCategory), categories_, row);
  for (size_t list = 0; list < kOpenListCount; ++list) {
    const CodeColumn& column = columns.codes(kOpenFields[list]);
    codes->hashes[list] = column.empty() ? 0 : hashes_[list][column.number(row)];
  }
}

}  // namespace tidemark::ingest
