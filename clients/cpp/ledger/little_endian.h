// Private to the block sources: fixed-width integers, least significant byte first on every
// machine.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_LITTLE_ENDIAN_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_LITTLE_ENDIAN_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::ledger {

template <typename T>
void AppendLittleEndian(T value, std::string* out) {
  for (size_t i = 0; i < sizeof(T); ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

// The caller has checked that bytes[offset, offset + sizeof(T)) exists.
template <typename T>
T LoadLittleEndian(std::string_view bytes, size_t offset) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(static_cast<unsigned char>(bytes[offset + i]))
                                       << (8 * i));
  }
  return value;
}

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_LITTLE_ENDIAN_H_
