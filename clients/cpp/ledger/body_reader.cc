#include "clients/cpp/ledger/body_reader.h"

#include <zstd.h>

#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

using base::ConsumeVarint;

absl::Status DamagedBody(std::string_view what) {
  return absl::DataLossError(absl::StrCat("block body: ", what));
}

// Far more than any format will use; bounds what a directory can make a reader allocate.
constexpr uint64_t kMaxColumnId = 1023;
constexpr uint64_t kMaxColumnStreams = 16;

bool ConsumeByte(std::string_view* data, uint8_t* value) {
  std::string_view byte;
  if (!wire::ConsumeBytes(data, 1, &byte)) return false;
  *value = static_cast<uint8_t>(byte[0]);
  return true;
}

}  // namespace

BodyReader::BodyReader() : zstd_(nullptr, &ZSTD_freeDCtx) {}
BodyReader::~BodyReader() = default;

absl::Status BodyReader::Damaged(Column column, std::string_view what) const {
  return absl::DataLossError(absl::StrCat("block column ", NameOf(column), ": ", what));
}

absl::Status BodyReader::UnknownEncoding(Column column) const {
  return absl::UnimplementedError(absl::StrCat("block column ", NameOf(column), ": encoding ",
                                               entry(column).encoding,
                                               " is not known to this program; use a newer one"));
}

void BodyReader::Close() {
  rows_ = 0;
  has_unknown_columns_ = false;
  for (Entry& entry : columns_) entry = Entry();
  streams_.clear();
  arena_.Clear();
}

absl::Status BodyReader::Open(std::string_view body, uint32_t rows, uint32_t raw_bytes) {
  Close();
  TM_RETURN_IF_ERROR(ReadDirectory(&body, raw_bytes));
  for (Stream& stream : streams_) {
    if (!wire::ConsumeBytes(&body, stream.stored.size(), &stream.stored))
      return DamagedBody("a stream is cut");
  }
  if (!body.empty()) return DamagedBody("bytes follow the last stream");
  rows_ = rows;
  return absl::OkStatus();
}

absl::Status BodyReader::ReadDirectory(std::string_view* body, uint32_t raw_bytes) {
  uint64_t count = 0, last_id = 0, raw = 0;
  if (!ConsumeVarint(body, &count)) return DamagedBody("the number of columns is missing");
  for (uint64_t i = 0; i < count; ++i) TM_RETURN_IF_ERROR(ReadColumn(body, &last_id, &raw));
  if (raw != raw_bytes)
    return DamagedBody(absl::StrCat("streams of ", raw, " bytes, want ", raw_bytes));
  return absl::OkStatus();
}

absl::Status BodyReader::ReadColumn(std::string_view* body, uint64_t* last_id,
                                    uint64_t* raw_bytes) {
  uint64_t id = 0, stream_count = 0;
  Entry column;
  column.present = true;
  if (!ConsumeVarint(body, &id) || id <= *last_id || !ConsumeByte(body, &column.encoding) ||
      !wire::ConsumeText(body, &column.parameters) || !ConsumeVarint(body, &stream_count)) {
    return DamagedBody("a column's entry is cut or out of order");
  }
  if (id > kMaxColumnId || stream_count > kMaxColumnStreams)
    return DamagedBody("a column's entry is impossible");
  *last_id = id;
  column.first_stream = streams_.size();
  for (uint64_t i = 0; i < stream_count; ++i) {
    uint64_t raw = 0, stored = 0;
    if (!ConsumeVarint(body, &raw)) return DamagedBody("a stream's size is missing");
    const bool packed = (raw & 1) != 0;
    raw >>= 1;
    stored = raw;
    if (packed && !ConsumeVarint(body, &stored)) return DamagedBody("a stream's size is missing");
    // Only added up here; nothing is allocated before the sum was found to be the header's.
    if (raw > UINT32_MAX || stored > body->size())
      return DamagedBody("a stream's size is impossible");
    *raw_bytes += raw;
    // The bytes are found once the whole directory is read; until then only the size counts.
    streams_.push_back(
        {std::string_view(body->data(), stored), static_cast<uint32_t>(raw), packed});
  }
  column.stream_count = streams_.size() - column.first_stream;
  if (id < kColumnCount) {
    columns_[id] = column;
  } else {
    has_unknown_columns_ = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> BodyReader::Unpack(Column column, size_t i) {
  const Entry& entry = this->entry(column);
  if (i >= entry.stream_count) return Damaged(column, "a stream is missing");
  const Stream& stream = streams_[entry.first_stream + i];
  if (!stream.packed) return stream.stored;
  if (zstd_ == nullptr) zstd_.reset(ZSTD_createDCtx());
  const std::span<char> out = arena_.Array<char>(stream.raw);
  const size_t size = ZSTD_decompressDCtx(zstd_.get(), out.data(), out.size(), stream.stored.data(),
                                          stream.stored.size());
  if (ZSTD_isError(size)) return Damaged(column, ZSTD_getErrorName(size));
  if (size != stream.raw) return Damaged(column, "a stream unpacks to the wrong size");
  return std::string_view(out.data(), size);
}

absl::StatusOr<BodyReader::Rows> BodyReader::ReadRows(Column column, std::string_view* parameters,
                                                      size_t* next_stream) {
  uint8_t flag = 0;
  if (!ConsumeByte(parameters, &flag) || flag > 1)
    return Damaged(column, "the presence flag is wrong");
  if (flag == 0) return Rows{{}, rows_};
  TM_ASSIGN_OR_RETURN(const std::string_view bits, Unpack(column, (*next_stream)++));
  if (bits.size() != (size_t{rows_} + 7) / 8)
    return Damaged(column, "the presence bits are not one per row");
  const size_t used = rows_ % 8;
  if (used != 0 && static_cast<uint8_t>(bits.back()) >> used != 0) {
    return Damaged(column, "the presence bits go past the last row");
  }
  size_t count = 0;
  for (const char byte : bits)
    count += static_cast<size_t>(std::popcount(static_cast<uint8_t>(byte)));
  return Rows{{{reinterpret_cast<const uint8_t*>(bits.data()), bits.size()}}, count};
}

absl::StatusOr<std::span<const uint64_t>> BodyReader::Planes(Column column, size_t first,
                                                             size_t width, size_t count) {
  const std::span<uint64_t> values = arena_.Array<uint64_t>(count);
  if (width > 8) return Damaged(column, "integers of more than 8 bytes");
  if (width == 0) std::memset(values.data(), 0, values.size_bytes());
  for (size_t plane = 0; plane < width; ++plane) {
    TM_ASSIGN_OR_RETURN(const std::string_view bytes, Unpack(column, first + plane));
    if (bytes.size() != count) return Damaged(column, "a plane is not one byte per value");
    const auto* from = reinterpret_cast<const uint8_t*>(bytes.data());
    if (plane == 0) {
      for (size_t i = 0; i < count; ++i) values[i] = from[i];
    } else {
      for (size_t i = 0; i < count; ++i) values[i] |= uint64_t{from[i]} << (8 * plane);
    }
  }
  return values;
}

absl::StatusOr<IntegerColumn> BodyReader::Integers(Column column) {
  const std::span<int64_t> values = arena_.Array<int64_t>(rows_);
  if (!Has(column)) {
    const std::span<uint8_t> none = arena_.Array<uint8_t>((size_t{rows_} + 7) / 8);
    std::memset(none.data(), 0, none.size());
    std::memset(values.data(), 0, values.size_bytes());
    return IntegerColumn{values, {none}};
  }
  std::string_view parameters = entry(column).parameters;
  int64_t minimum = 0;
  if (encoding(column) == Encoding::kConstant) {
    if (!wire::ConsumeSigned(&parameters, &minimum))
      return Damaged(column, "the constant is missing");
    for (int64_t& value : values) value = minimum;
    return IntegerColumn{values, {}};
  }
  if (encoding(column) != Encoding::kFrame) return UnknownEncoding(column);
  size_t stream = 0;
  TM_ASSIGN_OR_RETURN(const Rows rows, ReadRows(column, &parameters, &stream));
  uint64_t divisor = 0;
  uint8_t width = 0;
  if (!wire::ConsumeSigned(&parameters, &minimum) || !ConsumeVarint(&parameters, &divisor) ||
      !ConsumeByte(&parameters, &width)) {
    return Damaged(column, "the frame's parameters are cut");
  }
  TM_ASSIGN_OR_RETURN(const std::span<const uint64_t> deltas,
                      Planes(column, stream, width, rows.count));
  // Modulo 2^64 on purpose: the range may be all of int64.
  const auto base = static_cast<uint64_t>(minimum);
  if (rows.presence.all()) {
    for (size_t i = 0; i < rows_; ++i) values[i] = static_cast<int64_t>(base + divisor * deltas[i]);
    return IntegerColumn{values, {}};
  }
  size_t next = 0;
  for (size_t i = 0; i < rows_; ++i) {
    values[i] = rows.presence[i] ? static_cast<int64_t>(base + divisor * deltas[next++]) : 0;
  }
  return IntegerColumn{values, rows.presence};
}

absl::StatusOr<LinkColumn> BodyReader::Links(Column column, uint64_t first_leaf) {
  const std::span<uint64_t> leaves = arena_.Array<uint64_t>(rows_);
  if (!Has(column)) {
    for (uint64_t& leaf : leaves) leaf = kNoLeaf;
    return LinkColumn{leaves, true};
  }
  TM_ASSIGN_OR_RETURN(const IntegerColumn distances, Integers(column));
  for (size_t i = 0; i < rows_; ++i) {
    const auto distance = static_cast<uint64_t>(distances.values[i]);
    if (!distances.presence[i]) {
      leaves[i] = kNoLeaf;
    } else if (distance == 0) {
      leaves[i] = kWaitingLeaf;
    } else if (distance > first_leaf + i) {
      return Damaged(column, "a link points before the first leaf");
    } else {
      leaves[i] = first_leaf + i - distance;
    }
  }
  return LinkColumn{leaves, false};
}

absl::StatusOr<SmallColumn> BodyReader::Small(Column column) {
  if (!Has(column) || encoding(column) == Encoding::kConstant) {
    uint8_t value = column == Column::kRecordKind ? 1 : 0;
    std::string_view parameters = entry(column).parameters;
    if (Has(column) && !ConsumeByte(&parameters, &value))
      return Damaged(column, "the constant is missing");
    const std::span<uint8_t> values = arena_.Array<uint8_t>(rows_);
    std::memset(values.data(), value, values.size());
    return SmallColumn{values};
  }
  if (encoding(column) != Encoding::kPlain) return UnknownEncoding(column);
  TM_ASSIGN_OR_RETURN(const std::string_view bytes, Unpack(column, 0));
  if (bytes.size() != rows_) return Damaged(column, "not one byte per row");
  return SmallColumn{{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}};
}

}  // namespace tidemark::ledger
