#include "clients/cpp/ledger/row_leaves.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"

namespace tidemark::ledger {
namespace {

using base::EncodeVarint;
using base::ZigZagEncode;
using wire::PutText;

// Rows whose bytes stay in the nearest cache between being written and being hashed.
constexpr size_t kChunk = 64;
// RFC 6962: what the hash of a leaf has before it.
constexpr char kLeafPrefix = 0x00;

template <size_t N>
constexpr size_t Find(const RecordText (&fields)[N], Column column) {
  size_t i = 0;
  while (fields[i].column != column) ++i;
  return i;
}
constexpr size_t Code(Column column) { return Find(kCodeTexts, column); }
constexpr size_t Own(Column column) { return Find(kOwnTexts, column); }

// What a leaf has behind its time, in its order; a presence bit for each but where two share one.
struct LeafField {
  LeafBit bit;
  enum Type : uint8_t { kCode, kOwn, kSmall, kInteger } type;
  size_t place;
};
constexpr LeafField CodeAt(LeafBit bit, Column column) {
  return {bit, LeafField::kCode, Code(column)};
}
constexpr LeafField OwnAt(LeafBit bit, Column column) {
  return {bit, LeafField::kOwn, Own(column)};
}
constexpr LeafField kFields[] = {
    CodeAt(LeafBit::kOriginal, Column::kOriginalSource),
    OwnAt(LeafBit::kOriginal, Column::kOriginalId),
    OwnAt(LeafBit::kOrder, Column::kOrder),
    CodeAt(LeafBit::kTransaction, Column::kTransactionScheme),
    OwnAt(LeafBit::kTransaction, Column::kTransactionId),
    {LeafBit::kReportingRole, LeafField::kSmall, EventRows::kReportingRole},
    CodeAt(LeafBit::kConsumerScheme, Column::kConsumerScheme),
    CodeAt(LeafBit::kConsumerRegion, Column::kConsumerRegion),
    CodeAt(LeafBit::kProviderRegion, Column::kProviderRegion),
    CodeAt(LeafBit::kPlaceOfUse, Column::kPlaceOfUse),
    CodeAt(LeafBit::kCategory, Column::kCategory),
    CodeAt(LeafBit::kProduct, Column::kProduct),
    CodeAt(LeafBit::kProvider, Column::kProvider),
    {LeafBit::kSegment, LeafField::kSmall, EventRows::kSegment},
    {LeafBit::kChannel, LeafField::kSmall, EventRows::kChannel},
    CodeAt(LeafBit::kPaymentMethod, Column::kPaymentMethod),
    CodeAt(LeafBit::kAgeBand, Column::kAgeBand),
    {LeafBit::kAreaType, LeafField::kSmall, EventRows::kAreaType},
    CodeAt(LeafBit::kIncomeBand, Column::kIncomeBand),
    CodeAt(LeafBit::kScenario, Column::kScenario),
    CodeAt(LeafBit::kProject, Column::kProject),
    CodeAt(LeafBit::kActivity, Column::kActivity),
    {LeafBit::kAmount, LeafField::kInteger, EventRows::kAmount},
    {LeafBit::kVoucherAmount, LeafField::kInteger, EventRows::kVoucherAmount},
    {LeafBit::kQuantity, LeafField::kInteger, EventRows::kQuantity},
};

// Writes the leaves of some rows. The fields that none of them has are left out of sight.
class Writer {
 public:
  Writer(const EventRows& rows, const RowLeafOptions& options) : rows_(rows), options_(options) {
    for (const LeafField& field : kFields) {
      if (Exists(field)) fields_[count_++] = field;
    }
    head_end_ = PutHead(static_cast<uint8_t>(RecordKind::kEvent), options.accepted_time_us, head_);
  }

  // At most kMaxLeafBytes of a checked row.
  char* Put(uint32_t row, const EventLinks& links, char* out) {
    // Only those of fields_ are set, so not zeroed for every row.
    std::array<std::string_view, std::size(kFields)>& texts = texts_;
    const std::string_view commitment = CommitmentOf(row);
    uint64_t bits = BitsOf(links) | Bit(LeafBit::kRevision, rows_.revision(row) != 0) |
                    Bit(LeafBit::kPrivate, !Absent(commitment)) |
                    Bit(LeafBit::kPrincipal, !Absent(options_.principal));
    for (size_t i = 0; i < count_; ++i)
      bits |= Bit(fields_[i].bit, Read(fields_[i], row, &texts[i]));
    out = wire::CopyText({head_, static_cast<size_t>(head_end_ - head_)}, out);
    out = EncodeVarint(bits, out);
    out = PutText(rows_.source(row), out);
    out = PutText(rows_.id(row), out);
    if (rows_.revision(row) != 0) out = EncodeVarint(rows_.revision(row), out);
    *out++ = static_cast<char>(rows_.small(EventRows::kKind, row));
    out = EncodeVarint(ZigZagEncode(rows_.event_time_us(row)), out);
    for (size_t i = 0; i < count_; ++i) out = PutField(fields_[i], row, bits, texts[i], out);
    out = wire::CopyText(commitment, out);
    if (!Absent(options_.principal)) out = PutText(options_.principal, out);
    if (links.original_leaf != kNoLeaf) out = PutLink(links.original_leaf, out);
    if (!links.resolves.empty()) out = wire::PutLeaves(links.resolves, out);
    if (links.previous_leaf != kNoLeaf) out = PutLink(links.previous_leaf, out);
    if (links.transaction_leaf != kNoLeaf) out = PutLink(links.transaction_leaf, out);
    return out;
  }

 private:
  static uint64_t Bit(LeafBit bit, bool present) {
    return uint64_t{present} << static_cast<int>(bit);
  }
  static uint64_t BitsOf(const EventLinks& links) {
    return Bit(LeafBit::kOriginalLeaf, links.original_leaf != kNoLeaf) |
           Bit(LeafBit::kResolves, !links.resolves.empty()) |
           Bit(LeafBit::kPreviousLeaf, links.previous_leaf != kNoLeaf) |
           Bit(LeafBit::kTransactionLeaf, links.transaction_leaf != kNoLeaf);
  }

  bool Exists(const LeafField& field) const {
    switch (field.type) {
      case LeafField::kCode:
        return !rows_.codes(field.place).empty();
      case LeafField::kOwn:
        return !rows_.own_texts(field.place).empty();
      case LeafField::kSmall:
        return !rows_.smalls(static_cast<EventRows::SmallName>(field.place)).empty();
      case LeafField::kInteger:
        break;
    }
    return !rows_.integers(static_cast<EventRows::IntegerName>(field.place)).values.empty();
  }
  // Whether the row has the field; its text, if it is one.
  bool Read(const LeafField& field, uint32_t row, std::string_view* text) const {
    switch (field.type) {
      case LeafField::kCode:
        *text = rows_.code(field.place, row);
        return !Absent(*text);
      case LeafField::kOwn:
        *text = rows_.own_text(field.place, row);
        return !Absent(*text);
      case LeafField::kSmall:
        return rows_.small(static_cast<EventRows::SmallName>(field.place), row) != 0;
      case LeafField::kInteger:
        break;
    }
    return rows_.has_integer(static_cast<EventRows::IntegerName>(field.place), row);
  }
  char* PutField(const LeafField& field, uint32_t row, uint64_t bits, std::string_view text,
                 char* out) const {
    if ((bits & Bit(field.bit, true)) == 0) return out;
    switch (field.type) {
      case LeafField::kCode:
      case LeafField::kOwn:
        return PutText(text, out);
      case LeafField::kSmall:
        *out = static_cast<char>(rows_.small(static_cast<EventRows::SmallName>(field.place), row));
        return out + 1;
      case LeafField::kInteger:
        break;
    }
    const auto name = static_cast<EventRows::IntegerName>(field.place);
    return EncodeVarint(ZigZagEncode(rows_.integer(name, row)), out);
  }

  std::string_view CommitmentOf(uint32_t row) const {
    const std::string_view own = rows_.own_text(Own(Column::kCommitment), row);
    if (!Absent(own)) return own;
    if (Absent(rows_.own_text(Own(Column::kPseudonym), row)) && rows_.attributes(row).empty()) {
      return {};
    }
    const Hash& made = options_.commitments[row];
    return {reinterpret_cast<const char*>(made.data()), made.size()};
  }

  const EventRows& rows_;
  const RowLeafOptions& options_;
  std::array<LeafField, std::size(kFields)> fields_;
  size_t count_ = 0;
  std::array<std::string_view, std::size(kFields)> texts_;
  char head_[2 + base::kMaxVarintBytes];
  const char* head_end_;
};

}  // namespace

void CommitRows(const EventRows& rows, const HmacKey& salt_key, std::vector<Hash>* commitments) {
  commitments->resize(rows.size());
  struct Input {
    uint32_t row;
    size_t salt_begin;
    size_t private_begin;
  };
  std::array<Input, kChunk> inputs;
  std::array<std::string_view, kChunk> messages;
  std::array<Hash, kChunk> hashes;
  std::string salts, privates;
  for (size_t row = 0; row < rows.size();) {
    size_t count = 0;
    salts.clear();
    privates.clear();
    for (; row < rows.size() && count < kChunk; ++row) {
      const std::string_view pseudonym = rows.own_text(Own(Column::kPseudonym), row);
      const std::span<const Attribute> attributes = rows.attributes(row);
      if (Absent(pseudonym) && attributes.empty()) continue;
      inputs[count++] = {static_cast<uint32_t>(row), salts.size(), privates.size()};
      AppendSaltInput(rows.source(row), rows.id(row), rows.revision(row), &salts);
      privates.append(kSaltBytes, '\0');
      AppendPrivate(rows.pseudonym_epoch(row), pseudonym, attributes, &privates);
    }
    const auto part = [&](const std::string& all, size_t Input::*begin, size_t i) {
      const size_t from = inputs[i].*begin;
      const size_t end = i + 1 < count ? inputs[i + 1].*begin : all.size();
      return std::string_view(all).substr(from, end - from);
    };
    for (size_t i = 0; i < count; ++i) messages[i] = part(salts, &Input::salt_begin, i);
    salt_key.MacMany({messages.data(), count}, {hashes.data(), count});
    for (size_t i = 0; i < count; ++i) {
      std::memcpy(privates.data() + inputs[i].private_begin, hashes[i].data(), kSaltBytes);
      messages[i] = part(privates, &Input::private_begin, i);
    }
    HashMany({messages.data(), count}, {hashes.data(), count});
    for (size_t i = 0; i < count; ++i) (*commitments)[inputs[i].row] = hashes[i];
  }
}

void RowLeaves::Hash(const EventRows& rows, std::span<const uint32_t> selected,
                     const RowLeafOptions& options, std::vector<ledger::Hash>* out) {
  Writer writer(rows, options);
  auto link = options.links.begin();
  size_t done = out->size();
  out->resize(done + selected.size());
  if (bytes_.empty()) bytes_.resize(kChunk * (kMaxLeafBytes + 1));
  while (!selected.empty()) {
    const size_t count = std::min(kChunk, selected.size());
    char* end = bytes_.data();
    leaves_.clear();
    for (const uint32_t row : selected.first(count)) {
      while (link != options.links.end() && link->row < row) ++link;
      const bool linked = link != options.links.end() && link->row == row;
      char* const begin = end;
      *end++ = kLeafPrefix;
      end = writer.Put(row, linked ? link->links : EventLinks{}, end);
      leaves_.push_back({begin, static_cast<size_t>(end - begin)});
    }
    HashMany(leaves_, std::span(*out).subspan(done, count));
    done += count;
    selected = selected.subspan(count);
  }
}

}  // namespace tidemark::ledger
