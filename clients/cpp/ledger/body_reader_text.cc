// The columns of texts and of 16-byte values.
#include <algorithm>
#include <cstring>

#include "clients/cpp/ledger/body_reader.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

// Two digits a byte, for all bytes.
struct HexPairs {
  char text[256][2];
};
constexpr HexPairs MakeHexPairs() {
  HexPairs pairs{};
  for (int i = 0; i < 256; ++i) {
    pairs.text[i][0] = "0123456789abcdef"[i >> 4];
    pairs.text[i][1] = "0123456789abcdef"[i & 15];
  }
  return pairs;
}
constexpr HexPairs kHexPairs = MakeHexPairs();

char* PutHex(const char* from, size_t bytes, char* out) {
  for (size_t i = 0; i < bytes; ++i, out += 2) {
    std::memcpy(out, kHexPairs.text[static_cast<uint8_t>(from[i])], 2);
  }
  return out;
}

char* PutUuid(const char* from, char* out) {
  out = PutHex(from, 4, out);
  for (const size_t group : {4, 6, 8}) {
    *out++ = '-';
    out = PutHex(from + group, 2, out);
  }
  *out++ = '-';
  return PutHex(from + 10, 6, out);
}

}  // namespace

std::span<const uint32_t> BodyReader::Filled(uint32_t value) {
  const std::span<uint32_t> index = arena_.Array<uint32_t>(rows_);
  std::fill(index.begin(), index.end(), value);
  return index;
}

std::span<const uint32_t> BodyReader::Sequence(const Rows& rows) {
  const std::span<uint32_t> index = arena_.Array<uint32_t>(rows_);
  uint32_t next = 0;
  for (size_t i = 0; i < rows_; ++i) index[i] = rows.presence[i] ? ++next : 0;
  return index;
}

absl::StatusOr<std::span<const uint32_t>> BodyReader::Index(Column column, size_t width,
                                                            uint64_t entries) {
  const std::span<uint32_t> index = arena_.Array<uint32_t>(rows_);
  if (width == 0 || width > 4) return Damaged(column, "the index has an impossible width");
  for (size_t plane = 0; plane < width; ++plane) {
    TM_ASSIGN_OR_RETURN(const std::string_view bytes, Unpack(column, 1 + plane));
    if (bytes.size() != rows_) return Damaged(column, "the index is not one per row");
    const auto* from = reinterpret_cast<const uint8_t*>(bytes.data());
    if (plane == 0) {
      for (size_t i = 0; i < rows_; ++i) index[i] = from[i];
    } else {
      for (size_t i = 0; i < rows_; ++i) index[i] |= uint32_t{from[i]} << (8 * plane);
    }
  }
  uint32_t highest = 0;
  for (const uint32_t i : index) highest = std::max(highest, i);
  if (highest > entries) return Damaged(column, "an index is outside of the dictionary");
  return index;
}

absl::StatusOr<TextColumn> BodyReader::Text(Column column) {
  if (!Has(column)) {
    const std::span<std::string_view> entries = arena_.Array<std::string_view>(1);
    entries[0] = std::string_view();
    return TextColumn{entries, Filled(0), true};
  }
  switch (encoding(column)) {
    case Encoding::kConstant: {
      const std::span<std::string_view> entries = arena_.Array<std::string_view>(2);
      entries[0] = std::string_view();
      entries[1] = entry(column).parameters;
      return TextColumn{entries, Filled(1), true};
    }
    case Encoding::kDictionary:
      return Dictionary(column);
    case Encoding::kPlain:
      return Plain(column);
    case Encoding::kUuid:
      return Hex(column, true);
    case Encoding::kHex:
      return Hex(column, false);
    default:
      return UnknownEncoding(column);
  }
}

absl::StatusOr<TextColumn> BodyReader::Dictionary(Column column) {
  std::string_view parameters = entry(column).parameters;
  uint64_t count = 0;
  std::string_view width;
  if (!base::ConsumeVarint(&parameters, &count) || !wire::ConsumeBytes(&parameters, 1, &width)) {
    return Damaged(column, "the dictionary's parameters are cut");
  }
  TM_ASSIGN_OR_RETURN(std::string_view list, Unpack(column, 0));
  // An entry takes a byte at least, so the count cannot ask for more memory than its bytes are
  // worth.
  if (count > list.size()) return Damaged(column, "the dictionary is shorter than its count");
  const std::span<std::string_view> entries = arena_.Array<std::string_view>(count + 1);
  entries[0] = std::string_view();
  for (uint64_t i = 1; i <= count; ++i) {
    if (!wire::ConsumeText(&list, &entries[i])) return Damaged(column, "the dictionary is cut");
  }
  if (!list.empty()) return Damaged(column, "bytes follow the dictionary");
  TM_ASSIGN_OR_RETURN(const std::span<const uint32_t> index,
                      Index(column, static_cast<uint8_t>(width[0]), count));
  return TextColumn{entries, index, false};
}

absl::StatusOr<TextColumn> BodyReader::Plain(Column column) {
  std::string_view parameters = entry(column).parameters;
  size_t stream = 0;
  TM_ASSIGN_OR_RETURN(const Rows rows, ReadRows(column, &parameters, &stream));
  uint64_t fixed = 0;
  if (!base::ConsumeVarint(&parameters, &fixed))
    return Damaged(column, "the text length is missing");
  std::string_view lengths;
  if (fixed == 0) {
    TM_ASSIGN_OR_RETURN(lengths, Unpack(column, stream++));
  }
  TM_ASSIGN_OR_RETURN(std::string_view bytes, Unpack(column, stream));
  const std::span<std::string_view> entries = arena_.Array<std::string_view>(rows.count + 1);
  entries[0] = std::string_view();
  for (size_t i = 1; i <= rows.count; ++i) {
    uint64_t size = fixed - 1;
    if ((fixed == 0 && !base::ConsumeVarint(&lengths, &size)) ||
        !wire::ConsumeBytes(&bytes, size, &entries[i])) {
      return Damaged(column, "the texts are cut");
    }
  }
  if (!bytes.empty() || !lengths.empty()) return Damaged(column, "bytes follow the texts");
  return TextColumn{entries, Sequence(rows), false};
}

absl::StatusOr<TextColumn> BodyReader::Hex(Column column, bool uuid) {
  std::string_view parameters = entry(column).parameters;
  size_t stream = 0;
  TM_ASSIGN_OR_RETURN(const Rows rows, ReadRows(column, &parameters, &stream));
  uint64_t size = kUuidBytes;
  if (!uuid && !base::ConsumeVarint(&parameters, &size))
    return Damaged(column, "the text length is missing");
  TM_ASSIGN_OR_RETURN(const std::string_view bytes, Unpack(column, stream));
  if (size == 0 || bytes.size() / size != rows.count || bytes.size() % size != 0) {
    return Damaged(column, "the texts are cut");
  }
  const size_t text_size = uuid ? kUuidTextBytes : 2 * size;
  const std::span<std::string_view> entries = arena_.Array<std::string_view>(rows.count + 1);
  const std::span<char> texts = arena_.Array<char>(text_size * rows.count);
  entries[0] = std::string_view();
  for (size_t i = 0; i < rows.count; ++i) {
    char* const text = texts.data() + i * text_size;
    if (uuid) {
      PutUuid(bytes.data() + i * kUuidBytes, text);
    } else {
      PutHex(bytes.data() + i * size, size, text);
    }
    entries[i + 1] = std::string_view(text, text_size);
  }
  return TextColumn{entries, Sequence(rows), false};
}

absl::StatusOr<Fixed16Column> BodyReader::Fixed16(Column column) {
  if (!Has(column)) return Fixed16Column{{}, Filled(0), true};
  switch (encoding(column)) {
    case Encoding::kConstant: {
      const std::string_view value = entry(column).parameters;
      if (value.size() != kUuidBytes) return Damaged(column, "the constant has not 16 bytes");
      return Fixed16Column{value, Filled(1), false};
    }
    case Encoding::kDictionary:
      return FixedDictionary(column);
    case Encoding::kPlain:
      break;
    default:
      return UnknownEncoding(column);
  }
  std::string_view parameters = entry(column).parameters;
  size_t stream = 0;
  TM_ASSIGN_OR_RETURN(const Rows rows, ReadRows(column, &parameters, &stream));
  TM_ASSIGN_OR_RETURN(const std::string_view values, Unpack(column, stream));
  if (values.size() != kUuidBytes * rows.count) return Damaged(column, "not 16 bytes per value");
  return Fixed16Column{values, Sequence(rows), false};
}

absl::StatusOr<Fixed16Column> BodyReader::FixedDictionary(Column column) {
  std::string_view parameters = entry(column).parameters;
  uint64_t count = 0;
  std::string_view width;
  if (!base::ConsumeVarint(&parameters, &count) || !wire::ConsumeBytes(&parameters, 1, &width)) {
    return Damaged(column, "the dictionary's parameters are cut");
  }
  TM_ASSIGN_OR_RETURN(const std::string_view values, Unpack(column, 0));
  if (values.size() % kUuidBytes != 0 || values.size() / kUuidBytes != count) {
    return Damaged(column, "the dictionary has not 16 bytes per value");
  }
  TM_ASSIGN_OR_RETURN(const std::span<const uint32_t> index,
                      Index(column, static_cast<uint8_t>(width[0]), count));
  return Fixed16Column{values, index, false};
}

}  // namespace tidemark::ledger
