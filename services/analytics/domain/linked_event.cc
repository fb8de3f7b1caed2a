#include "services/analytics/domain/linked_event.h"

#include <cstring>

#include "common/base/varint.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

enum class NoteKind : uint8_t { kSingle = 1, kLinked = 2, kOther = 3 };

// Leaves that may be absent or waited for: 0, 1, then the leaf + 2.
uint64_t LinkNumber(uint64_t leaf) {
  if (leaf == ledger::kNoLeaf) return 0;
  return leaf == ledger::kWaitingLeaf ? 1 : leaf + 2;
}
uint64_t LinkOf(uint64_t number) {
  if (number == 0) return ledger::kNoLeaf;
  return number == 1 ? ledger::kWaitingLeaf : number - 2;
}

void AppendText(std::string_view text, std::string* notes) {
  base::AppendVarint(text.size(), notes);
  notes->append(text);
}

class Reader {
 public:
  explicit Reader(std::string_view notes) : rest_(notes) {}

  bool done() const { return rest_.empty(); }
  bool Take(uint64_t* value) { return base::ConsumeVarint(&rest_, value); }
  template <typename Enum>
  bool TakeEnum(Enum last, Enum* value) {
    uint64_t number = 0;
    if (!Take(&number) || number > static_cast<uint64_t>(last)) return false;
    *value = static_cast<Enum>(number);
    return true;
  }
  bool TakeSigned(int64_t* value) {
    uint64_t number = 0;
    if (!Take(&number)) return false;
    *value = base::ZigZagDecode(number);
    return true;
  }
  bool TakeText(std::string_view* text) {
    uint64_t size = 0;
    if (!Take(&size) || size > rest_.size()) return false;
    *text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  bool TakeLink(uint64_t* leaf) {
    uint64_t number = 0;
    if (!Take(&number)) return false;
    *leaf = LinkOf(number);
    return true;
  }

 private:
  std::string_view rest_;
};

// What both kinds of events have.
template <typename Event>
void AppendCommon(const Event& event, NoteKind kind, std::string* notes) {
  base::AppendVarint(static_cast<uint64_t>(kind), notes);
  base::AppendVarint(event.leaf, notes);
  base::AppendVarint(static_cast<uint64_t>(event.kind), notes);
  base::AppendVarint(base::ZigZagEncode(event.event_time_us), notes);
  base::AppendVarint(base::ZigZagEncode(event.amount), notes);
  base::AppendVarint(static_cast<uint64_t>(event.role), notes);
  AppendText(event.source, notes);
  AppendText(event.category, notes);
}

template <typename Event>
bool TakeCommon(Reader& reader, Event* event) {
  return reader.Take(&event->leaf) && reader.TakeEnum(ledger::EventKind::kVoid, &event->kind) &&
         reader.TakeSigned(&event->event_time_us) && reader.TakeSigned(&event->amount) &&
         reader.TakeEnum(ledger::ReportingRole::kDepartment, &event->role) &&
         reader.TakeText(&event->source) && reader.TakeText(&event->category);
}

bool TakeLinked(Reader& reader, std::vector<uint64_t>* resolves, LinkedEvent* event) {
  uint64_t revision = 0, names_original = 0, count = 0;
  if (!TakeCommon(reader, event) || !reader.Take(&revision) || revision > UINT32_MAX ||
      !reader.TakeText(&event->id) || !reader.Take(&names_original) || names_original > 1 ||
      !reader.TakeLink(&event->original_leaf) || !reader.TakeLink(&event->previous_leaf) ||
      !reader.TakeLink(&event->transaction_leaf) || !reader.Take(&count) ||
      count > ledger::kMaxResolves) {
    return false;
  }
  event->revision = static_cast<uint32_t>(revision);
  event->names_original = names_original == 1;
  resolves->resize(count);
  for (uint64_t& leaf : *resolves) {
    if (!reader.Take(&leaf)) return false;
  }
  event->resolves = *resolves;
  return true;
}

}  // namespace

void AppendNote(const SingleEvent& event, std::string* notes) {
  AppendCommon(event, NoteKind::kSingle, notes);
}

void AppendNote(const LinkedEvent& event, std::string* notes) {
  AppendCommon(event, NoteKind::kLinked, notes);
  base::AppendVarint(event.revision, notes);
  AppendText(event.id, notes);
  base::AppendVarint(event.names_original ? 1 : 0, notes);
  base::AppendVarint(LinkNumber(event.original_leaf), notes);
  base::AppendVarint(LinkNumber(event.previous_leaf), notes);
  base::AppendVarint(LinkNumber(event.transaction_leaf), notes);
  base::AppendVarint(event.resolves.size(), notes);
  for (const uint64_t leaf : event.resolves) base::AppendVarint(leaf, notes);
}

void AppendOtherNote(std::string_view note, std::string* notes) {
  base::AppendVarint(static_cast<uint64_t>(NoteKind::kOther), notes);
  AppendText(note, notes);
}

absl::Status ReadNotes(std::string_view notes,
                       absl::FunctionRef<absl::Status(const SingleEvent&)> single,
                       absl::FunctionRef<absl::Status(const LinkedEvent&)> linked,
                       absl::FunctionRef<absl::Status(std::string_view note)> other) {
  Reader reader(notes);
  std::vector<uint64_t> resolves;
  while (!reader.done()) {
    uint64_t kind = 0;
    bool good = reader.Take(&kind);
    if (good && kind == static_cast<uint64_t>(NoteKind::kSingle)) {
      SingleEvent event;
      good = TakeCommon(reader, &event);
      if (good) TM_RETURN_IF_ERROR(single(event));
    } else if (good && kind == static_cast<uint64_t>(NoteKind::kLinked)) {
      LinkedEvent event;
      good = TakeLinked(reader, &resolves, &event);
      if (good) TM_RETURN_IF_ERROR(linked(event));
    } else if (good && kind == static_cast<uint64_t>(NoteKind::kOther)) {
      std::string_view note;
      good = reader.TakeText(&note);
      if (good) TM_RETURN_IF_ERROR(other(note));
    } else {
      good = false;
    }
    if (!good) return absl::DataLossError("the notes about events that hang together are damaged");
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
