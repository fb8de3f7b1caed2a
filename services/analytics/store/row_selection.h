#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_ROW_SELECTION_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_ROW_SELECTION_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "services/analytics/store/columns.h"

namespace tidemark::analytics {

// Which of up to kBlockRows neighbouring rows pass, with the values of columns of those that do.
// Whoever has cleared bits of mask() says Recount().
class RowSelection {
 public:
  // All of `n` rows.
  void Start(size_t n);

  // Rows that pass.
  size_t size() const { return size_; }
  // Rows looked at.
  size_t span() const { return span_; }
  bool all() const { return size_ == span_; }
  uint64_t* mask() { return mask_.data(); }
  void Recount();
  // Positions of those that pass, ascending.
  const uint16_t* rows();
  // keep(i): whether the i-th that passes still does.
  template <typename Keep>
  void Narrow(Keep keep) {
    for (size_t i = 0; i < size_; ++i) kept_[i] = keep(i) ? 0xFF : 0;
    Kernels().narrow(kept_.data(), span_, mask_.data());
    Recount();
  }

  // The values of the rows that pass, of rows that begin with row `start` of the column. `out` has
  // kBlockRows entries.
  void Values8(const ColumnView& column, size_t start, uint8_t* out);  // column: of width 1, base 0
  void Values32(const ColumnView& column, size_t start, uint32_t* out);
  void Values64(const ColumnView& column, size_t start, int64_t* out);

 private:
  // So few that it is quicker to go to each than to pass over all.
  bool Sparse(size_t part) const { return size_ * part < span_; }

  std::array<uint64_t, kBlockRows / 64> mask_;
  std::array<uint16_t, kBlockRows> rows_;
  std::array<uint8_t, kBlockRows + 64> kept_;
  size_t span_ = 0;
  size_t size_ = 0;
  bool listed_ = false;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_ROW_SELECTION_H_
