#include "clients/cpp/ledger/body_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "clients/cpp/ledger/exact_divisor.h"
#include "clients/cpp/ledger/hex_digits.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"

namespace tidemark::ledger {
namespace {

using base::AppendVarint;
using base::ZigZagEncode;

constexpr size_t kMaxHexTextBytes = 64;

// Rows whose texts are fetched before they are needed: of a large block they have left the caches
// since the rows came.
constexpr size_t kAhead = 16;
void FetchAhead(std::span<const std::string_view> rows, size_t row) {
  if (row + kAhead < rows.size()) __builtin_prefetch(rows[row + kAhead].data());
}

size_t BytesFor(uint64_t value) { return (static_cast<size_t>(std::bit_width(value)) + 7) / 8; }

}  // namespace

void BodyWriter::Start(uint32_t rows) {
  rows_ = rows;
  columns_ = 0;
  raw_bytes_ = 0;
  directory_.clear();
  streams_.clear();
}

void BodyWriter::Begin(Column column, Encoding encoding) {
  column_ = column;
  encoding_ = encoding;
  parameters_.clear();
  column_streams_.clear();
}

void BodyWriter::Add(std::string_view bytes) {
  const std::string_view packed = packer_.Pack(bytes);
  if (packed.empty()) return AddPlain(bytes);
  raw_bytes_ += bytes.size();
  streams_.append(packed);
  column_streams_.push_back({bytes.size(), packed.size(), true});
}

void BodyWriter::AddPlain(std::string_view bytes) {
  raw_bytes_ += bytes.size();
  streams_.append(bytes);
  column_streams_.push_back({bytes.size(), bytes.size(), false});
}

void BodyWriter::End() {
  ++columns_;
  directory_.push_back(static_cast<char>(column_));
  directory_.push_back(static_cast<char>(encoding_));
  wire::AppendText(parameters_, &directory_);
  AppendVarint(column_streams_.size(), &directory_);
  for (const Stream& stream : column_streams_) {
    AppendVarint(stream.raw << 1 | (stream.packed ? 1 : 0), &directory_);
    if (stream.packed) AppendVarint(stream.stored, &directory_);
  }
}

uint32_t BodyWriter::Finish(std::string* out) {
  AppendVarint(columns_, out);
  out->append(directory_);
  out->append(streams_);
  return static_cast<uint32_t>(raw_bytes_);
}

void BodyWriter::Constant(Column column, std::string_view value) {
  Begin(column, Encoding::kConstant);
  parameters_.append(value);
  End();
}

void BodyWriter::Planes(std::span<const uint64_t> values, size_t width) {
  hex_.resize(values.size());
  for (size_t plane = 0; plane < width; ++plane) {
    for (size_t i = 0; i < values.size(); ++i)
      hex_[i] = static_cast<char>(values[i] >> (8 * plane));
    Add(hex_);
  }
}

void BodyWriter::Index(std::span<const uint32_t> index, size_t width) {
  hex_.resize(index.size());
  for (size_t plane = 0; plane < width; ++plane) {
    for (size_t i = 0; i < index.size(); ++i) hex_[i] = static_cast<char>(index[i] >> (8 * plane));
    Add(hex_);
  }
}

void BodyWriter::Dictionary(Column column, DictionaryBuilder& values) {
  if (values.empty()) return;
  const std::span<const uint32_t> index = values.Index(rows_);
  const size_t entries = values.entry_count();
  const bool fixed = TypeOf(column) == ColumnType::kFixed16;
  if (entries == 1 && std::find(index.begin(), index.end(), 0u) == index.end()) {
    return Constant(column, values.entry(0));
  }
  const size_t width = BytesFor(entries);
  if (!fixed && values.text_bytes() <= values.entry_bytes() + width * rows_) {
    // Hardly a value repeats.
    texts_.assign(rows_, std::string_view());
    for (size_t i = 0; i < rows_; ++i) {
      if (index[i] != 0) texts_[i] = values.entry(index[i] - 1);
    }
    return Texts(column, texts_);
  }
  Begin(column, Encoding::kDictionary);
  AppendVarint(entries, &parameters_);
  parameters_.push_back(static_cast<char>(width));
  std::string& list = hex_;
  list.clear();
  for (size_t i = 0; i < entries; ++i) {
    if (!fixed) AppendVarint(values.entry(i).size(), &list);
    list.append(values.entry(i));
  }
  Add(list);
  Index(index, width);
  End();
}

void BodyWriter::Plain(Column column, PlainTextBuilder& values) {
  if (values.empty()) return;
  Texts(column, values.Texts(rows_));
}

void BodyWriter::Presence(std::span<const std::string_view> rows) {
  std::string bits((rows.size() + 7) / 8, '\0');
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!Absent(rows[i])) bits[i >> 3] = static_cast<char>(bits[i >> 3] | 1 << (i & 7));
  }
  Add(bits);
}

bool BodyWriter::AsHex(std::span<const std::string_view> rows, size_t size, bool uuid) {
  const size_t packed = uuid ? kUuidBytes : size / 2;
  hex_.resize(rows.size() * packed + kHexSlackBytes);
  char* out = hex_.data();
  for (size_t row = 0; row < rows.size(); ++row) {
    FetchAhead(rows, row);
    if (Absent(rows[row])) continue;
    if (!(uuid ? PackUuid(rows[row].data(), out) : PackHex(rows[row], out))) return false;
    out += packed;
  }
  hex_.resize(static_cast<size_t>(out - hex_.data()));
  return true;
}

void BodyWriter::Texts(Column column, std::span<const std::string_view> rows) {
  size_t present = 0, size = 0;
  bool one_size = true;
  for (const std::string_view text : rows) {
    if (Absent(text)) continue;
    if (present++ == 0) size = text.size();
    one_size = one_size && text.size() == size;
  }
  if (rows.size() == 1) return Constant(column, rows[0]);
  const bool uuid = one_size && size == kUuidTextBytes && AsHex(rows, size, true);
  const bool hex = !uuid && one_size && size >= 8 && size <= kMaxHexTextBytes && size % 2 == 0 &&
                   AsHex(rows, size, false);
  if (!uuid && !hex) return PlainTexts(column, rows, present, one_size);
  Begin(column, uuid ? Encoding::kUuid : Encoding::kHex);
  parameters_.push_back(present < rows.size() ? 1 : 0);
  if (hex) AppendVarint(size / 2, &parameters_);
  if (present < rows.size()) Presence(rows);
  Add(hex_);
  End();
}

void BodyWriter::PlainTexts(Column column, std::span<const std::string_view> rows, size_t present,
                            bool one_size) {
  Begin(column, Encoding::kPlain);
  parameters_.push_back(present < rows.size() ? 1 : 0);
  if (present < rows.size()) Presence(rows);
  std::string lengths;
  size_t size = 0;
  size_t all = 0;
  for (const std::string_view text : rows) {
    if (Absent(text)) continue;
    size = text.size();
    all += size;
    if (!one_size) AppendVarint(size, &lengths);
  }
  hex_.resize(all);
  char* out = hex_.data();
  for (size_t row = 0; row < rows.size(); ++row) {
    FetchAhead(rows, row);
    out = wire::CopyText(rows[row], out);
  }
  AppendVarint(one_size ? size + 1 : 0, &parameters_);
  if (!one_size) Add(lengths);
  Add(hex_);
  End();
}

void BodyWriter::Integers(Column column, IntegerBuilder& values) {
  if (values.empty()) return;
  const std::vector<int64_t>& present = values.values();
  const bool all = present.size() == rows_;
  int64_t minimum = present[0];
  int64_t maximum = present[0];
  for (const int64_t value : present) {
    minimum = std::min(minimum, value);
    maximum = std::max(maximum, value);
  }
  if (all && minimum == maximum) {
    std::string value;
    AppendVarint(ZigZagEncode(minimum), &value);
    return Constant(column, value);
  }
  deltas_.resize(present.size());
  for (size_t i = 0; i < present.size(); ++i) {
    deltas_[i] = static_cast<uint64_t>(present[i]) - static_cast<uint64_t>(minimum);
  }
  const uint64_t divisor = DivideByGreatest(deltas_);
  const uint64_t range = static_cast<uint64_t>(maximum) - static_cast<uint64_t>(minimum);
  const size_t width = divisor == 0 ? 0 : BytesFor(range / divisor);
  Begin(column, Encoding::kFrame);
  parameters_.push_back(all ? 0 : 1);
  AppendVarint(ZigZagEncode(minimum), &parameters_);
  AppendVarint(std::max<uint64_t>(divisor, 1), &parameters_);
  parameters_.push_back(static_cast<char>(width));
  if (!all) Add(values.presence().Bits(rows_));
  Planes(deltas_, width);
  End();
}

void BodyWriter::Small(Column column, SmallBuilder& values) {
  if (values.empty()) return;
  const std::span<const uint8_t> all = values.Values(rows_);
  const char first = static_cast<char>(all[0]);
  if (std::all_of(all.begin(), all.end(), [&](uint8_t v) { return v == all[0]; })) {
    return Constant(column, {&first, 1});
  }
  Begin(column, Encoding::kPlain);
  Add({reinterpret_cast<const char*>(all.data()), all.size()});
  End();
}

void BodyWriter::Fixed16(Column column, PlainTextBuilder& values) {
  if (values.empty()) return;
  const std::span<const std::string_view> texts = values.Texts(rows_);
  // A dictionary only where it pays, which a sample tells: lines of one order share a consumer, a
  // day of a platform hardly does.
  constexpr size_t kSample = 512;
  fixed_dictionary_.Clear();
  size_t present = 0;
  for (uint32_t row = 0; row < rows_; ++row) {
    if (Absent(texts[row])) continue;
    if (++present > kSample && fixed_dictionary_.entry_count() > present * 3 / 4) break;
    fixed_dictionary_.Add(row, texts[row]);
  }
  if (fixed_dictionary_.entry_count() <= present * 3 / 4 || rows_ == 1) {
    return Dictionary(column, fixed_dictionary_);
  }
  const size_t all_present = static_cast<size_t>(std::count_if(
      texts.begin(), texts.end(), [](std::string_view text) { return !Absent(text); }));
  Begin(column, Encoding::kPlain);
  parameters_.push_back(all_present < rows_ ? 1 : 0);
  if (all_present < rows_) Presence(texts);
  hex_.resize(all_present * kPseudonymBytes);
  char* out = hex_.data();
  for (uint32_t row = 0; row < rows_; ++row) {
    FetchAhead(texts, row);
    if (Absent(texts[row])) continue;
    std::memcpy(out, texts[row].data(), kPseudonymBytes);
    out += kPseudonymBytes;
  }
  // Mostly the output of a hash, which nothing makes smaller: a part tells.
  constexpr size_t kPart = 2048;
  if (hex_.size() > 2 * kPart && packer_.Pack(std::string_view(hex_).substr(0, kPart)).empty()) {
    AddPlain(hex_);
  } else {
    Add(hex_);
  }
  End();
}

}  // namespace tidemark::ledger
