#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_CODE_MEMO_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_CODE_MEMO_H_

#include <array>
#include <string_view>

#include "clients/cpp/catalog/table.h"
#include "common/base/same_text.h"
#include "common/base/tail_hash.h"

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
    const T*& slot = slots_[base::TailHash(code)];
    if (slot != nullptr && base::SameText(slot->id, code)) return slot;
    const T* found = table_->Find(code);
    if (found != nullptr) slot = found;
    return found;
  }

 private:
  const catalog_client::Table<T>* table_;
  std::array<const T*, base::kTailHashes> slots_ = {};
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_CODE_MEMO_H_
