#include "clients/cpp/ledger/row_leaves.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/leaf_writer.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"

namespace tidemark::ledger {
namespace {

// Rows whose bytes stay in the nearest cache between being written and being hashed.
constexpr size_t kChunk = 64;
// RFC 6962: what the hash of a leaf has before it.
constexpr char kLeafPrefix = 0x00;

// Writes the leaves of some rows. The fields that none of them has are left out of sight.
class Writer {
 public:
  Writer(const EventRows& rows, const RowLeafOptions& options) : rows_(rows), options_(options) {
    for (const LeafField& field : kLeafFields) {
      if (Exists(field)) fields_[count_++] = field;
    }
    head_end_ = PutHead(static_cast<uint8_t>(RecordKind::kEvent), options.accepted_time_us, head_);
  }

  // At most kMaxLeafBytes of a checked row.
  char* Put(uint32_t row, const EventLinks& links, char* out) const {
    const std::string_view commitment = CommitmentOf(row);
    const LeafEnd end = {.links = links,
                         .principal = options_.principal,
                         .is_private = !Absent(commitment),
                         .commitment = commitment};
    out = wire::CopyText({head_, static_cast<size_t>(head_end_ - head_)}, out);
    char* hole = nullptr;
    return PutLeafFields(Row{rows_, row}, {fields_.data(), count_}, end, out, &hole);
  }

 private:
  struct Row {
    const EventRows& rows;
    uint32_t at;
    std::string_view code(size_t place) const { return rows.code(place, at); }
    std::string_view own_text(size_t place) const { return rows.own_text(place, at); }
    uint8_t small(EventRows::SmallName name) const { return rows.small(name, at); }
    bool has_integer(EventRows::IntegerName name) const { return rows.has_integer(name, at); }
    int64_t integer(EventRows::IntegerName name) const { return rows.integer(name, at); }
    std::string_view source() const { return rows.source(at); }
    std::string_view id() const { return rows.id(at); }
    uint32_t revision() const { return rows.revision(at); }
    int64_t event_time_us() const { return rows.event_time_us(at); }
  };

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

  std::string_view CommitmentOf(uint32_t row) const {
    const std::string_view own = rows_.own_text(OwnPlace(Column::kCommitment), row);
    if (!Absent(own)) return own;
    if (Absent(rows_.own_text(OwnPlace(Column::kPseudonym), row)) &&
        rows_.attributes(row).empty()) {
      return {};
    }
    const Hash& made = options_.commitments[row];
    return {reinterpret_cast<const char*>(made.data()), made.size()};
  }

  const EventRows& rows_;
  const RowLeafOptions& options_;
  std::array<LeafField, std::size(kLeafFields)> fields_;
  size_t count_ = 0;
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
      const std::string_view pseudonym = rows.own_text(OwnPlace(Column::kPseudonym), row);
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
  const Writer writer(rows, options);
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
