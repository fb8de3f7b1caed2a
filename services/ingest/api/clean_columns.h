#ifndef TIDEMARK_SERVICES_INGEST_API_CLEAN_COLUMNS_H_
#define TIDEMARK_SERVICES_INGEST_API_CLEAN_COLUMNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/ingest/api/column_codes.h"
#include "services/ingest/api/event_columns.h"
#include "services/ingest/domain/reference_validator.h"

namespace tidemark::ingest {

// What is good about a batch by columns as a whole: where every code is known and in force
// throughout the batch's time, and every text is plain and short enough, most events need only a
// look at their numbers. Says which events those are; all others are judged one by one, so that
// verdicts are the same. Not thread-safe; keeps its memory from batch to batch.
class CleanColumns {
 public:
  // False: nothing is to be said of any event. `columns`, `codes` (resolved) and `validator`
  // (its batch started) stay.
  bool Read(const EventColumns& columns, const ColumnCodes& codes, ReferenceValidator* validator);
  // True: the event passes CheckShape and ReferenceValidator::Check, as if these had been asked;
  // its open codes are registered. False: not known. Rows ascend.
  bool Takes(size_t row);

 private:
  bool CodesAreGood() const;
  bool TextsAreGood() const;
  bool NumbersAreGood() const;
  bool TakesNumbers(size_t row) const;
  bool TakesConsumer(size_t row) const;
  bool AdmitsCodes(size_t row);

  const EventColumns* columns_ = nullptr;
  const ColumnCodes* codes_ = nullptr;
  ReferenceValidator* validator_ = nullptr;
  // Bit n of an open code: known of the n-th source. Of no use with more sources.
  static constexpr size_t kMostSources = 64;
  std::array<std::vector<uint64_t>, kOpenListCount> admitted_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_CLEAN_COLUMNS_H_
