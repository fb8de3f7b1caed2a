#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_PENDING_ROWS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_PENDING_ROWS_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::importer {

// Which rows are not settled yet, and their text, so that a rejected one can be shown. Keeps a
// few thousand rows beyond those in flight. Not thread-safe.
class PendingRows {
 public:
  explicit PendingRows(bool keep_text) : keep_text_(keep_text) {}

  // Rows come in order, from 1. A row that became no event is settled at once.
  void AddSettled(uint64_t row) { ChunkOf(row); }
  void AddInFlight(uint64_t row, std::string_view text);
  void Settle(uint64_t row);

  // Text of a row in flight; empty without keep_text.
  std::string_view Text(uint64_t row) const;
  // Every row up to this one is settled. May lag by the rows of a few batches.
  uint64_t settled() const;

 private:
  static constexpr uint64_t kRows = 4096;
  struct Chunk {
    uint64_t in_flight = 0;
    std::string text;
    // Start of each row's text; the end is the next one's start. Only with keep_text.
    std::vector<size_t> starts;
  };

  Chunk& ChunkOf(uint64_t row);
  void DropSettled();

  const bool keep_text_;
  // Chunk i of the deque holds rows (first_chunk_ + i) x kRows + 1 ...
  std::deque<Chunk> chunks_;
  uint64_t first_chunk_ = 0;
  uint64_t last_row_ = 0;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_PENDING_ROWS_H_
