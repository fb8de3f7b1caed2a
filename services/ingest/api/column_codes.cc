#include "services/ingest/api/column_codes.h"

namespace tidemark::ingest {
namespace {

// By OpenList.
constexpr CodeField kOpenFields[kOpenListCount] = {CodeField::kProduct, CodeField::kProvider,
                                                   CodeField::kPaymentMethod, CodeField::kAgeBand,
                                                   CodeField::kIncomeBand};

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

void ColumnCodes::Resolve(const EventColumns& columns, const catalog_client::CatalogView& view) {
  FindAll(columns.codes(CodeField::kSource), view.sources(), &sources_);
  FindAll(columns.codes(CodeField::kOriginalSource), view.sources(), &original_sources_);
  FindAll(columns.codes(CodeField::kTransactionScheme), view.schemes(), &transaction_schemes_);
  FindAll(columns.codes(CodeField::kConsumerScheme), view.schemes(), &consumer_schemes_);
  FindAll(columns.codes(CodeField::kConsumerRegion), view.regions(), &consumer_regions_);
  FindAll(columns.codes(CodeField::kProviderRegion), view.regions(), &provider_regions_);
  FindAll(columns.codes(CodeField::kPlaceOfUse), view.regions(), &places_);
  FindAll(columns.codes(CodeField::kCategory), view.categories(), &categories_);
  for (size_t list = 0; list < kOpenListCount; ++list) {
    const CodeColumn& column = columns.codes(kOpenFields[list]);
    admitted_[list].assign(column.empty() ? 0 : column.values().size() + 1, nullptr);
  }
}

void ColumnCodes::CodesOf(const EventColumns& columns, size_t row,
                          ReferenceValidator::Codes* codes) {
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
    const uint32_t number = column.empty() ? 0 : column.number(row);
    codes->admitted[list] = number == 0 ? nullptr : &admitted_[list][number];
  }
}

}  // namespace tidemark::ingest
