#include "clients/cpp/ledger/row_leaves.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "clients/cpp/ledger/leaf_wire.h"

namespace tidemark::ledger {
namespace {

// Rows whose bytes stay in the nearest cache between being written and being hashed.
constexpr size_t kChunk = 64;
// RFC 6962: what the hash of a leaf has before it.
constexpr char kLeafPrefix = 0x00;

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
      const EventRecord record = rows.PrivatePart(row);
      if (!HasPrivate(record)) continue;
      inputs[count++] = {static_cast<uint32_t>(row), salts.size(), privates.size()};
      AppendSaltInput(record, &salts);
      privates.append(kSaltBytes, '\0');
      AppendPrivate(record, &privates);
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
  auto link = options.links.begin();
  size_t done = out->size();
  out->resize(done + selected.size());
  while (!selected.empty()) {
    const size_t count = std::min(kChunk, selected.size());
    if (bytes_.size() < kChunk * (kMaxLeafBytes + 1)) bytes_.resize(kChunk * (kMaxLeafBytes + 1));
    char* end = bytes_.data();
    leaves_.clear();
    for (const uint32_t row : selected.first(count)) {
      EventRecord record = rows.Record(row);
      record.principal = options.principal;
      record.accepted_time_us = options.accepted_time_us;
      while (link != options.links.end() && link->row < row) ++link;
      if (link != options.links.end() && link->row == row) {
        record.original_leaf = link->links.original_leaf;
        record.resolves = link->links.resolves;
        record.previous_leaf = link->links.previous_leaf;
        record.transaction_leaf = link->links.transaction_leaf;
      }
      if (Absent(record.commitment) && HasPrivate(record)) {
        const ledger::Hash& commitment = options.commitments[row];
        record.commitment = {reinterpret_cast<const char*>(commitment.data()), commitment.size()};
      }
      char* const begin = end;
      *end++ = kLeafPrefix;
      char* hole = nullptr;
      end = PutEventLeaf(record, end, &hole);
      leaves_.push_back({begin, static_cast<size_t>(end - begin)});
    }
    HashMany(leaves_, std::span(*out).subspan(done, count));
    done += count;
    selected = selected.subspan(count);
  }
}

}  // namespace tidemark::ledger
