#include "services/ingest/domain/quarantine_codec.h"

#include <limits>

#include "common/base/varint.h"

namespace tidemark::ingest {
namespace {

void AppendText(std::string_view text, std::string* out) {
  base::AppendVarint(text.size(), out);
  out->append(text);
}

bool TakeText(std::string_view* bytes, std::string* text) {
  uint64_t size;
  if (!base::ConsumeVarint(bytes, &size) || size > bytes->size()) return false;
  *text = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return true;
}

template <typename T>
bool TakeNumber(std::string_view* bytes, T* number) {
  uint64_t value;
  if (!base::ConsumeVarint(bytes, &value) ||
      value > static_cast<uint64_t>(std::numeric_limits<T>::max())) {
    return false;
  }
  *number = static_cast<T>(value);
  return true;
}

}  // namespace

void EncodeEntry(const QuarantineEntry& e, std::string* out) {
  for (const uint64_t number :
       {e.number, uint64_t{e.revision}, static_cast<uint64_t>(e.code), uint64_t{e.size_bytes},
        uint64_t{e.position}, e.count, static_cast<uint64_t>(e.first_us),
        static_cast<uint64_t>(e.last_us), uint64_t{e.resubmittable}}) {
    base::AppendVarint(number, out);
  }
  for (const std::string_view text :
       {std::string_view(e.source), std::string_view(e.event_id), std::string_view(e.reason),
        std::string_view(e.field), std::string_view(e.message), std::string_view(e.event),
        std::string_view(e.raw_event), std::string_view(e.principal)}) {
    AppendText(text, out);
  }
}

bool DecodeEntry(std::string_view bytes, QuarantineEntry* e) {
  if (bytes.size() > kMaxQuarantineEntryBytes) return false;
  return TakeNumber(&bytes, &e->number) && TakeNumber(&bytes, &e->revision) &&
         TakeNumber(&bytes, &e->code) && TakeNumber(&bytes, &e->size_bytes) &&
         TakeNumber(&bytes, &e->position) && TakeNumber(&bytes, &e->count) &&
         TakeNumber(&bytes, &e->first_us) && TakeNumber(&bytes, &e->last_us) &&
         TakeNumber(&bytes, &e->resubmittable) && TakeText(&bytes, &e->source) &&
         TakeText(&bytes, &e->event_id) && TakeText(&bytes, &e->reason) &&
         TakeText(&bytes, &e->field) && TakeText(&bytes, &e->message) &&
         TakeText(&bytes, &e->event) && TakeText(&bytes, &e->raw_event) &&
         TakeText(&bytes, &e->principal);
}

}  // namespace tidemark::ingest
