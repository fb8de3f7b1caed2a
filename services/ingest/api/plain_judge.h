#ifndef TIDEMARK_SERVICES_INGEST_API_PLAIN_JUDGE_H_
#define TIDEMARK_SERVICES_INGEST_API_PLAIN_JUDGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/ledger/event_rows.h"
#include "common/base/mutex.h"
#include "services/ingest/api/plain_event.h"
#include "services/ingest/domain/arena.h"
#include "services/ingest/domain/known_codes.h"
#include "services/ingest/domain/open_codes.h"
#include "services/ingest/domain/reference_validator.h"

namespace tidemark::ingest {

// Most events of a batch that comes one by one have the usual fields only, each of them once, and
// codes that were met before. Reads and judges such an event in one pass over its bytes. Of any
// other it says so, and the event is then judged as if this were not there, so that verdicts are
// the same (ParseEvent, CheckShape, ReferenceValidator).
//
//   judge.StartBatch(&validator, &arena, /*dry_run=*/false);  // whose batch has started
//   PlainEvent event;
//   if (judge.Reads(bytes, &event) && judge.Finds(&event) && judge.Admits(event)) ...  // good
//   judge.AppendTo(events, &rows);
//
// Remembers codes from batch to batch, so keep one per thread of work and view. Not thread-safe.
class PlainJudge {
 public:
  // As many bytes behind an event must be readable.
  static constexpr size_t kReadsBehind = KnownCodes::kReads;

  // `open_codes` is not owned.
  PlainJudge(std::shared_ptr<const catalog_client::CatalogView> view, OpenCodes* open_codes);

  const std::shared_ptr<const catalog_client::CatalogView>& view() const { return view_; }

  // `validator`, of the same view, and `arena` stay until the last call of the batch. What the
  // arena is given stays until its rows are no longer used.
  void StartBatch(ReferenceValidator* validator, Arena* arena, bool dry_run);
  // The three steps, best taken with some events at a time so that memory arrives meanwhile. False,
  // of any: not known, and `event` is of no use. True of Finds: ParseEvent and CheckShape take the
  // event, and so does ReferenceValidator::Check but for its open codes. Views point into `bytes`.
  bool Reads(std::string_view bytes, PlainEvent* event);
  void Prefetch(const PlainEvent& event) const;
  bool Finds(PlainEvent* event);
  // Registers the open codes of an event that Reads took, as Check does. False: one is not
  // admitted.
  bool Admits(const PlainEvent& event);
  // What the event's consumer is numbered by; null: it has none.
  const catalog_client::IdentifierScheme* consumer_scheme(const PlainEvent& event) const {
    return schemes_[event.codes[static_cast<size_t>(CodeField::kConsumerScheme)]];
  }
  // Of events that have no such identifiers in clear, and were taken in this batch. At most
  // EventRows::kMostAtOnce; `rows` are those of the batch.
  void AppendTo(std::span<const PlainEvent> events, ledger::EventRows* rows);

 private:
  static constexpr size_t kFields = ledger::kCodeTextCount;
  // Bit n of an open code's `low`: a source of ordinal n has used it. Others ask each time.
  static constexpr uint32_t kRememberedSources = 64;
  // Of open codes this many are remembered, 2 MiB with all that belongs to them; others, and longer
  // ones, are Passing: numbers from kPassing on, in the order in which a batch has them.
  static constexpr size_t kMostOpenCodes = size_t{1} << 14;
  static constexpr uint32_t kPassing = uint32_t{1} << 31;
  struct Passing {
    const char* text;
    uint32_t size;
    uint64_t open_hash;
  };

  // A code where the batch has it first, and its number among the codes of the batch's rows; 0: no
  // row has it yet.
  struct InBatch {
    const char* text = nullptr;
    uint32_t size = 0;
    uint32_t number = 0;
    uint64_t batch = 0;  // the last one that has it
  };
  struct Field {
    KnownCodes codes;
    // By number of the code.
    std::vector<InBatch> in_batch;
    std::vector<uint64_t> row_hashes;   // DictionaryBuilder::HashOf
    std::vector<uint64_t> open_hashes;  // OpenCodes::hash()
    uint64_t passed = 0;                // codes for which there was no room
  };
  struct Source {
    const catalog_client::Source* source = nullptr;
    uint64_t key = 0;                // OpenCodes::SourceKey
    uint64_t batch = 0;              // the last one that has it
    catalog_client::Interval times;  // that this batch may have events of
  };

  // Number of a code as the batch's memory has it.
  uint32_t NumberOf(CodeField field, std::string_view text);
  bool Judge(PlainEvent& event);
  bool JudgeNumbers(const PlainEvent& event) const;
  bool JudgeTexts(const PlainEvent& event) const;
  const Source& SourceOf(const PlainEvent& event);
  // The number of a code met for the first time; 0: it is not good.
  uint32_t Learn(CodeField field, std::string_view text);
  uint32_t Pass(CodeField field, std::string_view text);
  // Whether the catalog has the code, if it must, and when it is in force.
  bool LookUp(CodeField field, std::string_view text, catalog_client::Interval* in_force);
  void Forget(CodeField field);
  // Of what is remembered of a source's open codes.
  static uint64_t BitOf(const Source& source);
  bool Remembers(CodeField field, uint32_t number, uint64_t bit);
  uint64_t OpenHash(CodeField f, uint32_t number) {
    return number < kPassing ? known(f).open_hashes[number] : passing_[number - kPassing].open_hash;
  }
  // Whether the source is known to have used all of them. Fetches the memory that Admits will look
  // at.
  bool PrefetchOpenCodes(const PlainEvent& event, const Source& source);
  Field& known(CodeField f) { return fields_[static_cast<size_t>(f)]; }
  const Field& known(CodeField f) const { return fields_[static_cast<size_t>(f)]; }

  void AppendCodes(std::span<const PlainEvent> events, size_t row, ledger::EventRows* rows);

  const std::shared_ptr<const catalog_client::CatalogView> view_;
  OpenCodes* const open_codes_;
  ReferenceValidator* validator_ = nullptr;
  Arena* arena_ = nullptr;
  bool dry_run_ = false;
  uint64_t batch_ = 0;
  std::array<Field, kFields> fields_;
  std::vector<Source> sources_;                                   // by number of the code
  std::vector<const catalog_client::IdentifierScheme*> schemes_;  // the same
  std::vector<Passing> passing_;
  std::array<ledger::Attribute, ledger::kMaxAttributes> attributes_;  // of the event being read
};

// The judges of one service. Thread-safe.
class PlainJudges {
 public:
  // Not owned.
  explicit PlainJudges(OpenCodes* open_codes) : open_codes_(open_codes) {}

  // The one used last, whose codes are the nearest, or a new one.
  std::unique_ptr<PlainJudge> Take(const std::shared_ptr<const catalog_client::CatalogView>& view);
  void Return(std::unique_ptr<PlainJudge> judge);

 private:
  OpenCodes* const open_codes_;
  base::Mutex mutex_;
  std::vector<std::unique_ptr<PlainJudge>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_PLAIN_JUDGE_H_
