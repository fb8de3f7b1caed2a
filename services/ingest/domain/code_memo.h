#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_CODE_MEMO_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_CODE_MEMO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "clients/cpp/catalog/table.h"
#include "common/base/same_text.h"

namespace tidemark::ingest {

// The codes of one field met lately, in front of a catalog table: events of a batch name few
// codes many times. A hit costs a multiplication and one comparison. Only codes that exist are
// kept; the table must outlive the memo. Not thread-safe.
template <typename T>
class CodeMemo {
 public:
  explicit CodeMemo(const catalog_client::Table<T>* table) : table_(table) {}

  // Null when the table has no such code.
  const T* Find(std::string_view code) {
    const T*& slot = slots_[SlotOf(code)];
    if (slot != nullptr && base::SameText(slot->id, code)) return slot;
    const T* found = table_->Find(code);
    if (found != nullptr) slot = found;
    return found;
  }

 private:
  static constexpr size_t kSlots = 256;

  static size_t SlotOf(std::string_view code) {
    // Codes of one list share their beginning; they differ in length and in their last bytes.
    uint64_t tail = 0;
    const size_t bytes = code.size() < 8 ? code.size() : 8;
    if (bytes != 0) std::memcpy(&tail, code.data() + code.size() - bytes, bytes);
    return static_cast<size_t>(((tail ^ code.size()) * 0x9E3779B97F4A7C15) >> 56);
  }

  const catalog_client::Table<T>* table_;
  std::array<const T*, kSlots> slots_ = {};
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_CODE_MEMO_H_
