// Private to the ledger libraries: the pieces that leaves and blocks are written with
// (docs/formats/leaf.md, "Notation").
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_WIRE_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_WIRE_H_

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/record.h"
#include "common/base/varint.h"

namespace tidemark::ledger::wire {

// memcpy for texts of a few bytes, without a call. The caller has made room.
inline char* CopyText(std::string_view text, char* out) {
  const char* from = text.data();
  const size_t size = text.size();
  const auto copy_ends = [&](auto word) {
    std::memcpy(&word, from, sizeof(word));
    std::memcpy(out, &word, sizeof(word));
    // Some bytes twice.
    std::memcpy(&word, from + size - sizeof(word), sizeof(word));
    std::memcpy(out + size - sizeof(word), &word, sizeof(word));
  };
  if (size > 64) {
    std::memcpy(out, from, size);
  } else if (size > 16) {
    for (size_t i = 0; i + 16 < size; i += 16) std::memcpy(out + i, from + i, 16);
    std::memcpy(out + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    copy_ends(uint64_t{});
  } else if (size >= 4) {
    copy_ends(uint32_t{});
  } else if (size > 0) {
    out[0] = from[0];
    out[size / 2] = from[size / 2];
    out[size - 1] = from[size - 1];
  }
  return out + size;
}

// The caller has made room.
inline char* PutText(std::string_view text, char* out) {
  return CopyText(text, base::EncodeVarint(text.size(), out));
}

inline void AppendText(std::string_view text, std::string* out) {
  base::AppendVarint(text.size(), out);
  out->append(text);
}

// The Consume functions take a value off the front of `data`; false when it is not there or not
// canonical.
[[nodiscard]] inline bool ConsumeBytes(std::string_view* data, uint64_t size,
                                       std::string_view* out) {
  if (size > data->size()) return false;
  *out = data->substr(0, size);
  data->remove_prefix(size);
  return true;
}
[[nodiscard]] inline bool ConsumeText(std::string_view* data, std::string_view* text) {
  uint64_t size = 0;
  return base::ConsumeVarint(data, &size) && ConsumeBytes(data, size, text);
}
[[nodiscard]] inline bool ConsumeSigned(std::string_view* data, int64_t* value) {
  uint64_t raw = 0;
  if (!base::ConsumeVarint(data, &raw)) return false;
  *value = base::ZigZagDecode(raw);
  return true;
}

// Attribute list: count, then key and value texts, ascending by key.
void AppendAttributes(std::span<const Attribute> attributes, std::string* out);
// Appends to `attributes`.
[[nodiscard]] bool ConsumeAttributes(std::string_view* data, std::vector<Attribute>* attributes);

// Leaf list: count, the first leaf, then the differences.
char* PutLeaves(std::span<const uint64_t> leaves, char* out);
// Appends to `leaves`.
[[nodiscard]] bool ConsumeLeaves(std::string_view* data, std::vector<uint64_t>* leaves);

}  // namespace tidemark::ledger::wire

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_WIRE_H_
