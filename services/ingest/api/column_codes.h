#ifndef TIDEMARK_SERVICES_INGEST_API_COLUMN_CODES_H_
#define TIDEMARK_SERVICES_INGEST_API_COLUMN_CODES_H_

#include <array>
#include <cstddef>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"
#include "services/ingest/api/event_columns.h"
#include "services/ingest/domain/reference_validator.h"

namespace tidemark::ingest {

// What the codes of a batch by columns stand for: each different one is looked up once, whatever
// the number of events that name it. Not thread-safe; keeps its memory from batch to batch.
class ColumnCodes {
 public:
  // The batch's codes in `view`, which stays while CodesOf is called, and in `open_codes`.
  void Resolve(const EventColumns& columns, const catalog_client::CatalogView& view,
               const OpenCodes& open_codes);
  // Fetches the memory that Check will look at for the open codes of event `row`, of the long
  // lists.
  void Prefetch(const EventColumns& columns, size_t row, const OpenCodes& open_codes) const;
  // Whether Check takes every event between `first_us` and `last_us` that names these codes, but
  // for its open codes and what it refers to by original and transaction.
  bool AllTaken(int64_t first_us, int64_t last_us, ReferenceValidator* validator) const;
  // By number of the code, as `columns` has them; 0 of number 0.
  const catalog_client::Source* source(uint32_t number) const { return sources_[number]; }
  uint64_t source_key(uint32_t number) const { return source_keys_[number]; }
  size_t source_count() const { return sources_.size(); }
  const catalog_client::IdentifierScheme* consumer_scheme(uint32_t number) const {
    return consumer_schemes_[number];
  }
  uint64_t hash(OpenList list, uint32_t number) const {
    return hashes_[static_cast<size_t>(list)][number];
  }

  // For ReferenceValidator::Check of the event `row`.
  void CodesOf(const EventColumns& columns, size_t row, ReferenceValidator::Codes* codes) const;

 private:
  // By number of the code, 0 for none.
  template <typename T>
  using Found = std::vector<const T*>;

  Found<catalog_client::Source> sources_;
  Found<catalog_client::Source> original_sources_;
  Found<catalog_client::IdentifierScheme> transaction_schemes_;
  Found<catalog_client::IdentifierScheme> consumer_schemes_;
  Found<catalog_client::Region> consumer_regions_;
  Found<catalog_client::Region> provider_regions_;
  Found<catalog_client::Region> places_;
  Found<catalog_client::Category> categories_;
  std::vector<uint64_t> source_keys_;
  // By OpenList: OpenCodes::hash() of each code.
  std::array<std::vector<uint64_t>, kOpenListCount> hashes_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_COLUMN_CODES_H_
