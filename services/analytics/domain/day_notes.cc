#include "services/analytics/domain/day_notes.h"

#include "common/base/varint.h"
#include "services/analytics/domain/linked_event.h"

namespace tidemark::analytics {
namespace {

enum class DayNote : uint8_t { kZone = 1, kWatch = 2, kState = 3, kTotals = 4, kCorrection = 5 };

// A note under way.
class Writer {
 public:
  explicit Writer(DayNote kind) { Number(static_cast<uint64_t>(kind)); }
  Writer& Number(uint64_t value) {
    base::AppendVarint(value, &bytes_);
    return *this;
  }
  Writer& Signed(int64_t value) { return Number(base::ZigZagEncode(value)); }
  Writer& Text(std::string_view text) {
    Number(text.size());
    bytes_.append(text);
    return *this;
  }
  Writer& Sums(const DaySums& sums) {
    return Signed(sums.events).Signed(sums.gross).Signed(sums.refunds);
  }
  void AppendTo(std::string* notes) const { AppendOtherNote(bytes_, notes); }

 private:
  std::string bytes_;
};

class Parser {
 public:
  explicit Parser(std::string_view note) : rest_(note) {}
  bool done() const { return rest_.empty(); }
  bool Number(uint64_t* value) { return base::ConsumeVarint(&rest_, value); }
  bool Signed(int64_t* value) {
    uint64_t number = 0;
    if (!Number(&number)) return false;
    *value = base::ZigZagDecode(number);
    return true;
  }
  bool Day(int32_t* day) {
    int64_t number = 0;
    if (!Signed(&number) || number < INT32_MIN || number > INT32_MAX) return false;
    *day = static_cast<int32_t>(number);
    return true;
  }
  bool Text(std::string_view* text) {
    uint64_t size = 0;
    if (!Number(&size) || size > rest_.size()) return false;
    *text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  bool Sums(DaySums* sums) {
    return Signed(&sums->events) && Signed(&sums->gross) && Signed(&sums->refunds);
  }

 private:
  std::string_view rest_;
};

bool TakeState(Parser& parser, StateNote* note) {
  uint64_t state = 0;
  if (!parser.Text(&note->source) || !parser.Day(&note->day) || !parser.Number(&note->effective) ||
      !parser.Number(&state) || state < static_cast<uint64_t>(SourceDayState::kComplete) ||
      state > static_cast<uint64_t>(SourceDayState::kSilent)) {
    return false;
  }
  note->state = static_cast<SourceDayState>(state);
  return true;
}

absl::Status Damaged() {
  return absl::DataLossError("the notes about days of sources are damaged");
}

}  // namespace

void AppendNote(const ZoneNote& note, std::string* notes) {
  Writer(DayNote::kZone).Text(note.time_zone).AppendTo(notes);
}

void AppendNote(const WatchNote& note, std::string* notes) {
  Writer(DayNote::kWatch).Text(note.source).AppendTo(notes);
}

void AppendNote(const StateNote& note, std::string* notes) {
  Writer(DayNote::kState)
      .Text(note.source)
      .Signed(note.day)
      .Number(note.effective)
      .Number(static_cast<uint64_t>(note.state))
      .AppendTo(notes);
}

void AppendNote(const TotalsNote& note, std::string* notes) {
  Writer(DayNote::kTotals)
      .Text(note.source)
      .Signed(note.day)
      .Number(note.totals.leaf)
      .Sums(note.totals.sums)
      .AppendTo(notes);
}

void AppendNote(const CorrectionNote& note, std::string* notes) {
  Writer(DayNote::kCorrection)
      .Number(note.effective)
      .Text(note.change.source)
      .Signed(note.change.event_time_us)
      .Sums(note.change.sums)
      .AppendTo(notes);
}

absl::Status ReadDayNote(std::string_view note, DayNoteReader* reader) {
  Parser parser(note);
  uint64_t kind = 0;
  if (!parser.Number(&kind)) return Damaged();
  switch (static_cast<DayNote>(kind)) {
    case DayNote::kZone: {
      ZoneNote zone;
      if (!parser.Text(&zone.time_zone) || !parser.done()) return Damaged();
      return reader->Take(zone);
    }
    case DayNote::kWatch: {
      WatchNote watch;
      if (!parser.Text(&watch.source) || !parser.done()) return Damaged();
      return reader->Take(watch);
    }
    case DayNote::kState: {
      StateNote state;
      if (!TakeState(parser, &state) || !parser.done()) return Damaged();
      return reader->Take(state);
    }
    case DayNote::kTotals: {
      TotalsNote totals;
      if (!parser.Text(&totals.source) || !parser.Day(&totals.day) ||
          !parser.Number(&totals.totals.leaf) || !parser.Sums(&totals.totals.sums) ||
          !parser.done()) {
        return Damaged();
      }
      return reader->Take(totals);
    }
    case DayNote::kCorrection: {
      CorrectionNote correction;
      if (!parser.Number(&correction.effective) || !parser.Text(&correction.change.source) ||
          !parser.Signed(&correction.change.event_time_us) ||
          !parser.Sums(&correction.change.sums) || !parser.done()) {
        return Damaged();
      }
      return reader->Take(correction);
    }
  }
  return Damaged();
}

}  // namespace tidemark::analytics
