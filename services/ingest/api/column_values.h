#ifndef TIDEMARK_SERVICES_INGEST_API_COLUMN_VALUES_H_
#define TIDEMARK_SERVICES_INGEST_API_COLUMN_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "services/ingest/api/utf8.h"
#include "services/ingest/api/wire_reader.h"

namespace tidemark::ingest {

// The columns of a tidemark.ingest.v1.EventColumns, each in two steps: Read takes the message's
// bytes, as often as they come, and false means that they are damaged or hold more than `most`
// entries; Finish checks that the column fits `rows` events and makes it ready to be asked. Views
// point into the bytes. Memory is kept over Clear().

// Packed or single numbers of one wire type, appended to `values`.
template <typename T>
bool ReadNumbers(uint32_t tag, WireReader& wire, size_t most, std::vector<T>* values) {
  uint64_t value;
  if ((tag & 7) == kVarint) {
    if (values->size() >= most || !wire.ReadVarint(&value)) return false;
    values->push_back(static_cast<T>(value));
    return true;
  }
  std::string_view packed;
  if ((tag & 7) != kBytes || !wire.ReadBytes(&packed)) return false;
  WireReader list(packed);
  while (!list.done()) {
    if (values->size() >= most || !list.ReadVarint(&value)) return false;
    values->push_back(static_cast<T>(value));
  }
  return true;
}

// Packed or single sfixed64.
bool ReadFixed64(uint32_t tag, WireReader& wire, size_t most, std::vector<int64_t>* values);

// CodeColumn: texts of which few differ.
class CodeColumn {
 public:
  bool Read(std::string_view bytes, size_t most);
  bool Finish(size_t rows);
  void Clear();

  // No event has the field.
  bool empty() const { return numbers_.empty(); }
  // 0: the event does not have the field, else 1 + the position in values().
  uint32_t number(size_t row) const { return numbers_[row]; }
  const std::vector<std::string_view>& values() const { return values_; }
  const std::vector<uint32_t>& numbers() const { return numbers_; }
  std::string_view text(uint32_t number) const {
    return number == 0 ? std::string_view() : values_[number - 1];
  }
  TextClass text_class(uint32_t number) const { return classes_[number - 1]; }

 private:
  std::vector<std::string_view> values_;
  std::vector<TextClass> classes_;
  std::vector<uint32_t> numbers_;
};

// TextColumn: texts of which most differ.
class TextColumn {
 public:
  bool Read(std::string_view bytes, size_t most);
  bool Finish(size_t rows);
  void Clear();

  bool empty() const { return ends_.empty(); }
  // Of all events together.
  std::string_view all() const { return texts_; }
  // Absent where the event does not have the field.
  std::string_view text(size_t row) const {
    const size_t begin = row == 0 ? 0 : ends_[row - 1];
    const size_t size = ends_[row] - begin;
    return size == 0 ? std::string_view() : texts_.substr(begin, size);
  }

 private:
  std::string_view texts_;
  std::vector<uint32_t> lengths_;
  std::vector<uint32_t> ends_;
};

// IntegerColumn.
class IntegerColumn {
 public:
  bool Read(std::string_view bytes, size_t most);
  bool Finish(size_t rows);
  void Clear();

  bool empty() const { return values_.empty(); }
  bool has(size_t row) const {
    return present_.empty() || ((static_cast<uint8_t>(present_[row / 8]) >> (row % 8)) & 1) != 0;
  }
  int64_t value(size_t row) const { return values_[row]; }
  const std::vector<int64_t>& values() const { return values_; }

 private:
  std::vector<int64_t> values_;
  std::string_view present_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_COLUMN_VALUES_H_
