#include "services/ingest/api/column_values.h"

#include <bit>
#include <cstring>

namespace tidemark::ingest {
namespace {

static_assert(std::endian::native == std::endian::little, "sfixed64 is little-endian");

bool AppendFixed64(std::string_view bytes, size_t most, std::vector<int64_t>* values) {
  const size_t count = bytes.size() / 8;
  if (bytes.size() % 8 != 0 || count > most - values->size()) return false;
  if (count == 0) return true;
  values->resize(values->size() + count);
  std::memcpy(values->data() + values->size() - count, bytes.data(), bytes.size());
  return true;
}

}  // namespace

bool ReadFixed64(uint32_t tag, WireReader& wire, size_t most, std::vector<int64_t>* values) {
  std::string_view bytes;
  if ((tag & 7) == kBytes) return wire.ReadBytes(&bytes) && AppendFixed64(bytes, most, values);
  return (tag & 7) == kFixed64 && wire.ReadFixed64(&bytes) && AppendFixed64(bytes, most, values);
}

bool CodeColumn::Read(std::string_view bytes, size_t most) {
  WireReader wire(bytes);
  while (!wire.done()) {
    uint32_t tag;
    std::string_view value;
    if (!wire.ReadTag(&tag)) return false;
    if (tag == Tag(1, kBytes)) {
      if (values_.size() >= most || !wire.ReadBytes(&value)) return false;
      values_.push_back(value);
    } else if (tag >> 3 == 2) {
      if (!ReadNumbers(tag, wire, most, &numbers_)) return false;
    } else if (!wire.Skip(tag)) {
      return false;
    }
  }
  return true;
}

bool CodeColumn::Finish(size_t rows) {
  if (values_.empty() && numbers_.empty()) return true;
  if (numbers_.empty() && values_.size() == 1) numbers_.assign(rows, 1);
  if (numbers_.size() != rows || values_.size() > rows) return false;
  for (const uint32_t number : numbers_) {
    if (number > values_.size()) return false;
  }
  classes_.clear();
  for (const std::string_view value : values_) classes_.push_back(Classify(value));
  return true;
}

void CodeColumn::Clear() {
  values_.clear();
  classes_.clear();
  numbers_.clear();
}

bool TextColumn::Read(std::string_view bytes, size_t most) {
  WireReader wire(bytes);
  while (!wire.done()) {
    uint32_t tag;
    if (!wire.ReadTag(&tag)) return false;
    if (tag == Tag(1, kBytes)) {
      if (!wire.ReadBytes(&texts_)) return false;
    } else if (tag >> 3 == 2) {
      if (!ReadNumbers(tag, wire, most, &lengths_)) return false;
    } else if (!wire.Skip(tag)) {
      return false;
    }
  }
  return true;
}

bool TextColumn::Finish(size_t rows) {
  if (lengths_.empty()) return texts_.empty();
  if (lengths_.size() == 1) lengths_.resize(rows, lengths_[0]);
  if (lengths_.size() != rows) return false;
  ends_.resize(rows);
  uint64_t end = 0;
  for (size_t row = 0; row < rows; ++row) {
    end += lengths_[row];
    if (end > texts_.size()) return false;
    ends_[row] = static_cast<uint32_t>(end);
  }
  return end == texts_.size();
}

void TextColumn::Clear() {
  texts_ = {};
  lengths_.clear();
  ends_.clear();
}

bool IntegerColumn::Read(std::string_view bytes, size_t most) {
  WireReader wire(bytes);
  while (!wire.done()) {
    uint32_t tag;
    if (!wire.ReadTag(&tag)) return false;
    if (tag >> 3 == 1) {
      if (!ReadNumbers(tag, wire, most, &values_)) return false;
    } else if (tag == Tag(2, kBytes)) {
      if (!wire.ReadBytes(&present_)) return false;
    } else if (!wire.Skip(tag)) {
      return false;
    }
  }
  return true;
}

bool IntegerColumn::Finish(size_t rows) {
  if (values_.empty()) return present_.empty();
  return values_.size() == rows && (present_.empty() || present_.size() == (rows + 7) / 8);
}

void IntegerColumn::Clear() {
  values_.clear();
  present_ = {};
}

}  // namespace tidemark::ingest
