#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_CODE_DICTIONARY_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_CODE_DICTIONARY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/text_hash.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {

// Numbers the texts of one field 1, 2, 3 ... in order of first appearance; 0 is absent. Open
// addressing with a seeded hash, because texts come from producers. Not thread-safe, but for the
// lists that it gives away.
class CodeDictionary {
 public:
  CodeDictionary();

  // The highest number given.
  uint32_t size() const { return static_cast<uint32_t>(texts().size() - 1); }
  CodeId FindOrAdd(std::string_view text);
  // 0 when not met.
  CodeId Find(std::string_view text) const;
  // codes[entry] = number of the entry, for every entry of a column that rows use; new texts get
  // theirs in order of the rows.
  void Translate(const TextColumn& column, size_t rows, std::vector<CodeId>* codes);
  // The texts so far; copies none.
  std::shared_ptr<const CodeList> List() const;
  // Adds the texts of AppendTexts; false when they are not that, or not new.
  bool Load(std::string_view bytes);
  size_t memory_bytes() const {
    return bytes_ + texts().size() * sizeof(std::string) + slots_.size() * sizeof(Slot);
  }

 private:
  struct Slot {
    CodeId code = 0;
    uint32_t hash = 0;
  };

  const CodeList& texts() const { return texts_.list(); }
  uint32_t HashOf(std::string_view text) const { return static_cast<uint32_t>(hash_(text)); }
  size_t SlotOf(std::string_view text, uint32_t hash) const;
  void Grow();

  const base::TextHash hash_;
  CodeListBuilder texts_;
  std::vector<Slot> slots_;
  size_t bytes_ = 0;
  mutable std::shared_ptr<const CodeList> list_;
};

// Appends texts begin + 1 ... end, each as its length (4 bytes) and its bytes.
void AppendTexts(const CodeList& texts, uint32_t begin, uint32_t end, std::string* out);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_CODE_DICTIONARY_H_
