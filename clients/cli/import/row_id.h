#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_ROW_ID_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_ROW_ID_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace tidemark::importer {

// Ids for rows that have none: hash of the row's chosen content, and how many rows with that
// content came before. The same set of rows gives the same set of ids in any order; taking rows
// away leaves a subset of the ids (of k equal rows, ids 1 to k-1 remain).
//
// The hash is the first 16 bytes of SHA-256 over each value: its length as 8 bytes little
// endian, or 2^64-1 for an absent value, then its bytes. The id is 32 hexadecimal digits, and
// from the second equal row on "-2", "-3" ... Part of the promise that a file imported again
// counts nothing twice: never change it.
//
// Memory: about 40 bytes per different content. Not thread-safe.
class RowIds {
 public:
  // An id of at most 53 bytes; valid until the next call.
  std::string_view Next(const std::vector<std::string_view>& values);

 private:
  using Key = std::array<uint64_t, 2>;
  // The key is a hash already.
  struct FirstWord {
    size_t operator()(const Key& key) const { return key[0]; }
  };

  absl::flat_hash_map<Key, uint32_t, FirstWord> seen_;
  std::vector<char> content_;
  std::array<char, 64> id_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_ROW_ID_H_
