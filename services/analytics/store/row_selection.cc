#include "services/analytics/store/row_selection.h"

#include <algorithm>
#include <bit>

namespace tidemark::analytics {

void RowSelection::Start(size_t n) {
  span_ = size_ = n;
  std::fill_n(mask_.begin(), n / 64, ~uint64_t{0});
  if (n % 64 != 0) mask_[n / 64] = (uint64_t{1} << (n % 64)) - 1;
  listed_ = false;
}

void RowSelection::Recount() {
  size_t size = 0;
  for (size_t word = 0; 64 * word < span_; ++word)
    size += static_cast<size_t>(std::popcount(mask_[word]));
  listed_ = listed_ && size == size_;
  size_ = size;
}

const uint16_t* RowSelection::rows() {
  if (!listed_) Kernels().list_rows(mask_.data(), span_, rows_.data());
  listed_ = true;
  return rows_.data();
}

void RowSelection::Values8(const ColumnView& column, size_t start, uint8_t* out) {
  const uint8_t* const data = column.data + start;
  if (!Sparse(32)) {
    Kernels().select8(data, span_, mask_.data(), out);
    return;
  }
  const uint16_t* const passing = rows();
  for (size_t i = 0; i < size_; ++i) out[i] = data[passing[i]];
}

void RowSelection::Values32(const ColumnView& column, size_t start, uint32_t* out) {
  if (all()) {
    Decode32(column, start, span_, out);
  } else if (Sparse(8)) {
    Decode32(column, start, rows(), size_, out);
  } else {
    Kernels().select32(column.From(start), span_, mask_.data(), out);
  }
}

void RowSelection::Values64(const ColumnView& column, size_t start, int64_t* out) {
  if (all()) {
    Decode64(column, start, span_, out);
  } else if (Sparse(4)) {
    Decode64(column, start, rows(), size_, out);
  } else {
    Kernels().select64(column.From(start), span_, mask_.data(), out);
  }
}

}  // namespace tidemark::analytics
