#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_COLUMN_BATCH_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_COLUMN_BATCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "clients/cpp/submit/event_writer.h"
#include "common/base/tail_hash.h"

namespace tidemark::ingest::v1 {
class Event;
}  // namespace tidemark::ingest::v1

namespace tidemark::submit {

// Collects events and gives them as protobuf bytes of tidemark.ingest.v1.EventColumns: for high
// volume, about a third of the bytes of the same events one by one.
//
//   ColumnBatch batch;
//   for (...) {
//     batch.BeginEvent();
//     batch.Text(EventField::kSource, "shop");      // as EventWriter
//     batch.Number(EventField::kAmount, 1234);
//   }
//   if (batch.good()) submitter.AddColumns(records, batch.Finish());
//
// Not thread-safe. The memory is kept between batches.
class ColumnBatch {
 public:
  ColumnBatch();

  void BeginEvent();
  // Of the event begun, each field at most once. As those of EventWriter.
  void Text(EventField field, std::string_view value);
  void Number(EventField field, int64_t value);
  void Pair(EventField field, std::string_view first, std::string_view second,
            uint32_t second_number = 2);
  // A whole event.
  void Add(const ingest::v1::Event& event);

  // False: an event has what columns cannot say: attributes, or an empty text where an absent one
  // would stand (order, second text of a pair). Send the events one by one then.
  bool good() const { return good_; }
  size_t events() const { return events_; }
  // Gives the batch away and begins another.
  std::string Finish();

 private:
  // Texts of which few differ.
  struct Codes {
    uint32_t number;  // of the field in EventColumns
    std::vector<std::string> values;
    absl::flat_hash_map<std::string, uint32_t> found;
    // Number of the value met last with its TailHash: events name few codes many times.
    std::array<uint32_t, base::kTailHashes> recent;
    std::vector<uint32_t> numbers;
  };
  struct Texts {
    uint32_t number;
    std::string texts;
    std::vector<uint32_t> lengths;
  };
  struct Integers {
    uint32_t number;
    std::vector<int64_t> values;
    std::vector<uint8_t> present;  // 1: yes
  };

  void AddCode(Codes& column, std::string_view text);
  void AddText(Texts& column, std::string_view text);
  void AddInteger(Integers& column, int64_t value);
  void AppendCodes(Codes& column, std::string* out);
  void AppendTexts(Texts& column, std::string* out);
  void AppendIntegers(Integers& column, std::string* out);

  size_t events_ = 0;
  bool good_ = true;
  std::vector<Codes> codes_;
  std::vector<Texts> texts_;
  std::vector<Integers> integers_;  // numbers that may be absent
  std::vector<Integers> numbers_;   // enumerations, revision and event time: 0 is absent
  std::string scratch_;
};

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_COLUMN_BATCH_H_
