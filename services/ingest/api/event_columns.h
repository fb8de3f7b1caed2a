#ifndef TIDEMARK_SERVICES_INGEST_API_EVENT_COLUMNS_H_
#define TIDEMARK_SERVICES_INGEST_API_EVENT_COLUMNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/ledger/event_rows.h"
#include "clients/cpp/ledger/record.h"
#include "services/ingest/api/column_values.h"
#include "services/ingest/domain/parsed_event.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

// The columns of codes, in the order of their fields in Event.
enum class CodeField : uint8_t {
  kSource,
  kOriginalSource,
  kTransactionScheme,
  kConsumerScheme,
  kConsumerRegion,
  kProviderRegion,
  kPlaceOfUse,
  kCategory,
  kProduct,
  kProvider,
  kPaymentMethod,
  kAgeBand,
  kIncomeBand,
  kScenario,
  kProject,
  kActivity,
  kCurrency,
};
inline constexpr int kCodeFieldCount = static_cast<int>(CodeField::kCurrency) + 1;

// A batch of events by columns: reads tidemark.ingest.v1.EventColumns and gives its events one by
// one, as ParseEvent (event_parser.h) would give those of the same batch by rows. Not thread-safe;
// keeps its memory from batch to batch.
class EventColumns {
 public:
  // `bytes` stay while this is used. At most `most` events, which bounds what this allocates.
  // INVALID_ARGUMENT (MALFORMED_COLUMNS), naming the column: the columns do not fit each other.
  absl::Status Read(std::string_view bytes, size_t most);
  void Clear();

  size_t size() const { return rows_; }
  const CodeColumn& codes(CodeField field) const { return codes_[static_cast<size_t>(field)]; }

  // Smalls and integers in the order of ledger::EventRows.
  enum TextName : uint8_t {
    kId,
    kOriginalId,
    kOrder,
    kTransactionId,
    kConsumerId,
    kConsumerPrehashed,
    kTextCount
  };
  enum SmallName : uint8_t { kKind, kReportingRole, kSegment, kChannel, kAreaType, kSmallCount };
  enum IntegerName : uint8_t { kAmount, kVoucherAmount, kQuantity, kIntegerCount };
  const TextColumn& texts(TextName name) const { return texts_[name]; }
  // Empty: no event has the field.
  const std::vector<int32_t>& smalls(SmallName name) const { return smalls_[name]; }
  const IntegerColumn& integers(IntegerName name) const { return integers_[name]; }
  const std::vector<int64_t>& event_times() const { return event_times_; }

  // `record` and `extras` are of an event that says nothing. False with `rejection`: a text is no
  // UTF-8, or the event has identifier and pseudonym.
  bool ReadEvent(size_t row, ledger::EventRecord* record, EventExtras* extras,
                 Rejection* rejection) const;
  // Makes `rows`, which is empty, of the events `good`, ascending, that ReadEvent and CheckShape
  // took. A row that has a consumer gets `pseudonym_epoch`.
  void FillRows(std::span<const uint32_t> good, uint32_t pseudonym_epoch,
                ledger::EventRows* rows) const;
  // The event by itself, as protobuf bytes of Event: for whoever keeps single events.
  std::string EventBytes(size_t row) const;
  // The same of an event that says its source only, as much of it as a source may have.
  std::string SourceBytes(size_t row) const;

  // Most memory of an event: an entry in every column, and a code of its own in each that has
  // codes.
  static constexpr size_t kEventBytes = 768;
  // Of the largest batch since the memory was last let go.
  size_t kept_bytes() const { return kept_rows_ * kEventBytes; }

 private:
  // A column of texts that some event has, and where its texts go: one of the two members.
  struct Text {
    Field field;
    const CodeColumn* codes;  // or null
    const TextColumn* texts;  // or null
    std::string_view ledger::EventRecord::*in_record;
    std::string_view EventExtras::*in_extras;
  };

  bool ReadField(uint32_t tag, WireReader& wire);
  absl::Status Finish();
  void ListTexts();
  void FillOriginalSources(std::span<const uint32_t> good, ledger::EventRows* rows) const;

  size_t rows_ = 0;
  size_t kept_rows_ = 0;
  size_t most_ = 0;
  std::array<CodeColumn, kCodeFieldCount> codes_;
  std::array<TextColumn, kTextCount> texts_;
  std::array<std::vector<int32_t>, kSmallCount> smalls_;
  std::array<IntegerColumn, kIntegerCount> integers_;
  std::vector<uint32_t> revisions_;
  std::vector<int64_t> event_times_;
  // Those that are there, in the order of Event's fields.
  std::vector<Text> present_;
};

// Reads nothing but the column of sources, of as many events as are counted, at most `most`. As
// EventColumns::Read.
absl::Status ReadSources(std::string_view bytes, size_t most, CodeColumn* sources);
// Field 1, `count`, of the bytes of an EventColumns; false when they are damaged.
bool ReadColumnCount(std::string_view bytes, uint32_t* count);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_EVENT_COLUMNS_H_
