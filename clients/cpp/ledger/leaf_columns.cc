#include "clients/cpp/ledger/leaf_columns.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"

namespace tidemark::ledger {
namespace {

using base::ZigZagEncode;

// RFC 6962: what the hash of a leaf has before it.
constexpr char kLeafPrefix = 0x00;
// Before the fields: the prefix, the head and the presence bits, written in whole words.
constexpr size_t kFrontBytes = 32;
// Behind the end: what is copied of a text beyond its size.
constexpr size_t kBehindBytes = 32;
// Sizes before two bytes of texts are enough for them.
constexpr size_t kSizeBytes = 2;
static_assert(kMaxTextBytes < 1 << 14 && kMaxIdentityBytes < 1 << 14);

// Of the texts that hardly repeat those that are in a leaf.
constexpr Column kOwnColumns[] = {Column::kId, Column::kOriginalId, Column::kOrder,
                                  Column::kTransactionId};

constexpr uint64_t Bit(LeafBit bit) { return uint64_t{1} << static_cast<int>(bit); }

// The bytes of a varint below 2^56, the first one lowest.
uint64_t VarintWord(uint64_t value, size_t* bytes) {
  *bytes = (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
  value = (value & 0x0FFFFFFF) | (value & 0x00FFFFFFF0000000) << 4;
  value = (value & 0x00003FFF00003FFF) | (value & 0x0FFFC0000FFFC000) << 2;
  value = (value & 0x007F007F007F007F) | (value & 0x3F803F803F803F80) << 1;
  const uint64_t not_last = (uint64_t{1} << (8 * (*bytes - 1))) - 1;
  return value | (not_last & 0x8080808080808080);
}

// As base::EncodeVarint, without a branch for every byte.
char* PutVarint(uint64_t value, char* out) {
  if (value >> 56 != 0) [[unlikely]]
    return base::EncodeVarint(value, out);
  size_t bytes;
  const uint64_t word = VarintWord(value, &bytes);
  std::memcpy(out, &word, sizeof(word));
  return out + bytes;
}

}  // namespace

void LeafColumns::Start(const EventRows& rows, size_t selected, const RowLeafOptions& options) {
  batch_ = &rows;
  options_ = options;
  links_ = options.links;
  char head[1 + 2 + base::kMaxVarintBytes] = {kLeafPrefix};
  const char* const end =
      PutHead(static_cast<uint8_t>(RecordKind::kEvent), options.accepted_time_us, head + 1);
  head_size_ = static_cast<size_t>(end - head);
  std::memcpy(head_ + sizeof(head_) - head_size_, head, head_size_);
  code_bytes_ = 0;
  for (size_t i = 0; i < kCodeTextCount; ++i) {
    short_texts_[i].clear();
    // Where there are more texts than rows, each is written once or not at all.
    if (rows.codes(i).entry_count() <= selected) {
      Prepare(rows.codes(i), &short_texts_[i]);
    } else {
      code_bytes_ += kSizeBytes + kMaxTextBytes;
    }
  }
}

void LeafColumns::Prepare(const DictionaryBuilder& column, std::vector<ShortText>* texts) {
  constexpr size_t kAhead = 8;
  const size_t count = column.entry_count();
  if (count == 0) return;
  texts->resize(count + 1);
  texts->front().size = 0;
  size_t longest = 0;
  for (size_t i = 0; i < count; ++i) {
    if (i + kAhead < count) __builtin_prefetch(column.entry(i + kAhead).data());
    const std::string_view text = column.entry(i);
    // One that no row has may be of any size.
    longest = std::max(longest, std::min(text.size(), kMaxTextBytes));
    ShortText& to = (*texts)[i + 1];
    if (text.size() >= sizeof(to.bytes)) {
      to.size = kLong;
      continue;
    }
    to.bytes[0] = static_cast<char>(text.size());
    wire::CopyText(text, to.bytes + 1);
    to.size = static_cast<uint8_t>(1 + text.size());
  }
  code_bytes_ += kSizeBytes + longest;
}

std::span<const PaddableMessage> LeafColumns::Write(std::span<const uint32_t> rows) {
  rows_ = rows;
  FindLinks();
  stride_ = Stride();
  if (bytes_.size() < kMostRows * stride_) bytes_.resize(kMostRows * stride_);
  for (size_t i = 0; i < rows.size(); ++i) {
    ends_[i] = bytes_.data() + i * stride_ + kFrontBytes;
    bits_[i] = 0;
  }
  PutCodes(CodePlace(Column::kSource), 0);
  PutOwnTexts(OwnPlace(Column::kId), 0);
  PutRevisions();
  const std::vector<uint8_t>& kinds = batch_->smalls(EventRows::kKind);
  for (size_t i = 0; i < rows.size(); ++i) {
    *ends_[i]++ = rows[i] < kinds.size() ? static_cast<char>(kinds[rows[i]]) : '\0';
  }
  PutTimes();
  for (const LeafField& field : kLeafFields) PutField(field);
  PutEnds();
  PutBegins();
  return std::span(leaves_).first(rows.size());
}

void LeafColumns::FindLinks() {
  linked_.clear();
  for (size_t i = 0; i < rows_.size() && !links_.empty(); ++i) {
    while (!links_.empty() && links_.front().row < rows_[i]) links_ = links_.subspan(1);
    if (!links_.empty() && links_.front().row == rows_[i]) {
      linked_.emplace_back(i, &links_.front().links);
    }
  }
}

size_t LeafColumns::Stride() const {
  constexpr size_t kCacheLine = 64;
  constexpr size_t kNumbers =
      EventRows::kSmallCount + (2 + EventRows::kIntegerCount) * base::kMaxVarintBytes;
  size_t bytes = kFrontBytes + code_bytes_ + kNumbers + kCommitmentBytes + kSizeBytes +
                 options_.principal.size() + kBehindBytes + kSha256PaddingBytes;
  for (const Column own : kOwnColumns) {
    const std::vector<std::string_view>& column = batch_->own_texts(OwnPlace(own));
    size_t longest = 0;
    for (size_t i = 0; i < rows_.size() && rows_[i] < column.size(); ++i) {
      const std::string_view text = column[rows_[i]];
      longest = std::max(longest, text.size());
      __builtin_prefetch(text.data());
    }
    bytes += kSizeBytes + longest;
  }
  size_t most_resolves = 0;
  for (const auto& [place, links] : linked_) {
    most_resolves = std::max(most_resolves, links->resolves.size());
  }
  if (!linked_.empty()) bytes += (4 + most_resolves) * base::kMaxVarintBytes;
  // An odd number of lines, so that the leaves do not compete for the same ones of the cache.
  return (bytes / kCacheLine | 1) * kCacheLine + 2 * kCacheLine;
}

std::string_view LeafColumns::CommitmentOf(uint32_t row) const {
  const std::string_view own = batch_->own_text(OwnPlace(Column::kCommitment), row);
  if (!Absent(own)) return own;
  if (Absent(batch_->own_text(OwnPlace(Column::kPseudonym), row)) &&
      batch_->attributes(row).empty()) {
    return {};
  }
  const Hash& made = options_.commitments[row];
  return {reinterpret_cast<const char*>(made.data()), made.size()};
}

void LeafColumns::PutCodes(size_t place, uint64_t bit) {
  const DictionaryBuilder& column = batch_->codes(place);
  const std::span<const uint32_t> numbers = column.numbers();
  const ShortText* const short_texts = short_texts_[place].data();
  const bool prepared = !short_texts_[place].empty();
  const std::span<const uint32_t> rows = rows_;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t number = rows[i] < numbers.size() ? numbers[rows[i]] : 0;
    bits_[i] |= number != 0 ? bit : 0;
    if (!prepared || short_texts[number].size == kLong) [[unlikely]] {
      if (number != 0) ends_[i] = wire::PutText(column.entry(number - 1), ends_[i]);
      continue;
    }
    std::memcpy(ends_[i], &short_texts[number], sizeof(ShortText));
    ends_[i] += short_texts[number].size;
  }
}

void LeafColumns::PutOwnTexts(size_t place, uint64_t bit) {
  const std::vector<std::string_view>& column = batch_->own_texts(place);
  for (size_t i = 0; i < rows_.size() && rows_[i] < column.size(); ++i) {
    const std::string_view text = column[rows_[i]];
    if (Absent(text)) continue;
    bits_[i] |= bit;
    ends_[i] = wire::PutText(text, ends_[i]);
  }
}

void LeafColumns::PutSmalls(EventRows::SmallName name, uint64_t bit) {
  const std::vector<uint8_t>& column = batch_->smalls(name);
  for (size_t i = 0; i < rows_.size() && rows_[i] < column.size(); ++i) {
    const uint8_t value = column[rows_[i]];
    *ends_[i] = static_cast<char>(value);
    ends_[i] += value != 0 ? 1 : 0;
    bits_[i] |= value != 0 ? bit : 0;
  }
}

void LeafColumns::PutIntegers(EventRows::IntegerName name, uint64_t bit) {
  const EventRows::Integers& column = batch_->integers(name);
  for (size_t i = 0; i < rows_.size() && rows_[i] < column.present.size(); ++i) {
    if (column.present[rows_[i]] == 0) continue;
    ends_[i] = PutVarint(ZigZagEncode(column.values[rows_[i]]), ends_[i]);
    bits_[i] |= bit;
  }
}

void LeafColumns::PutRevisions() {
  const std::vector<uint32_t>& column = batch_->revisions();
  for (size_t i = 0; i < rows_.size() && rows_[i] < column.size(); ++i) {
    if (column[rows_[i]] == 0) continue;
    ends_[i] = PutVarint(column[rows_[i]], ends_[i]);
    bits_[i] |= Bit(LeafBit::kRevision);
  }
}

void LeafColumns::PutTimes() {
  const std::vector<int64_t>& times = batch_->event_times();
  for (size_t i = 0; i < rows_.size(); ++i) {
    ends_[i] = PutVarint(ZigZagEncode(times[rows_[i]]), ends_[i]);
  }
}

void LeafColumns::PutField(const LeafField& field) {
  const uint64_t bit = Bit(field.bit);
  switch (field.type) {
    case LeafField::kCode:
      if (!batch_->codes(field.place).empty()) PutCodes(field.place, bit);
      return;
    case LeafField::kOwn:
      return PutOwnTexts(field.place, bit);
    case LeafField::kSmall:
      return PutSmalls(static_cast<EventRows::SmallName>(field.place), bit);
    case LeafField::kInteger:
      return PutIntegers(static_cast<EventRows::IntegerName>(field.place), bit);
  }
}

void LeafColumns::PutEnds() {
  for (size_t i = 0; i < rows_.size(); ++i) {
    const std::string_view commitment = CommitmentOf(rows_[i]);
    if (Absent(commitment)) continue;
    std::memcpy(ends_[i], commitment.data(), kCommitmentBytes);
    ends_[i] += kCommitmentBytes;
    bits_[i] |= Bit(LeafBit::kPrivate);
  }
  if (!Absent(options_.principal)) {
    for (size_t i = 0; i < rows_.size(); ++i) {
      bits_[i] |= Bit(LeafBit::kPrincipal);
      ends_[i] = wire::PutText(options_.principal, ends_[i]);
    }
  }
  for (const auto& [place, links] : linked_) {
    bits_[place] |= LinkBits(*links);
    ends_[place] = PutLinks(*links, ends_[place]);
  }
}

void LeafColumns::PutBegins() {
  static_assert(static_cast<int>(LeafBit::kCount) <= 8 * 7);
  for (size_t i = 0; i < rows_.size(); ++i) {
    char* begin = bytes_.data() + i * stride_ + kFrontBytes;
    // Whole words that end where they should; what comes with them lies before the leaf.
    size_t bytes;
    const uint64_t bits = VarintWord(bits_[i], &bytes);
    const uint64_t word = bits << (64 - 8 * bytes);
    std::memcpy(begin - sizeof(word), &word, sizeof(word));
    begin -= bytes;
    std::memcpy(begin - sizeof(head_), head_, sizeof(head_));
    begin -= head_size_;
    leaves_[i] = {reinterpret_cast<uint8_t*>(begin), static_cast<size_t>(ends_[i] - begin)};
  }
}

}  // namespace tidemark::ledger
