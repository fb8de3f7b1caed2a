#include "clients/cli/import/pending_rows.h"

namespace tidemark::importer {

PendingRows::Chunk& PendingRows::ChunkOf(uint64_t row) {
  const uint64_t index = (row - 1) / kRows;
  last_row_ = row;
  while (first_chunk_ + chunks_.size() <= index) chunks_.emplace_back();
  Chunk& chunk = chunks_[index - first_chunk_];
  if (keep_text_) {
    const size_t start = chunk.text.size();
    // Rows before this one in the chunk that were not told of have no text.
    chunk.starts.resize((row - 1) % kRows + 1, start);
  }
  DropSettled();
  return chunks_.back();
}

void PendingRows::AddInFlight(uint64_t row, std::string_view text) {
  Chunk& chunk = ChunkOf(row);
  ++chunk.in_flight;
  if (keep_text_) chunk.text.append(text);
}

void PendingRows::Settle(uint64_t row) {
  Chunk& chunk = chunks_[(row - 1) / kRows - first_chunk_];
  --chunk.in_flight;
  DropSettled();
}

void PendingRows::DropSettled() {
  // The last chunk is still being filled.
  while (chunks_.size() > 1 && chunks_.front().in_flight == 0) {
    chunks_.pop_front();
    ++first_chunk_;
  }
}

std::string_view PendingRows::Text(uint64_t row) const {
  if (!keep_text_) return {};
  const Chunk& chunk = chunks_[(row - 1) / kRows - first_chunk_];
  const uint64_t at = (row - 1) % kRows;
  const size_t start = chunk.starts[at];
  const size_t end = at + 1 < chunk.starts.size() ? chunk.starts[at + 1] : chunk.text.size();
  return std::string_view(chunk.text).substr(start, end - start);
}

uint64_t PendingRows::settled() const {
  if (chunks_.empty() || (chunks_.size() == 1 && chunks_.front().in_flight == 0)) return last_row_;
  return first_chunk_ * kRows;
}

}  // namespace tidemark::importer
