#include "clients/cpp/ledger/row_leaves.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/record_texts.h"

namespace tidemark::ledger {
namespace {

// Messages that are made and hashed together.
constexpr size_t kChunk = 64;

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
  columns_.Start(rows, selected.size(), options);
  size_t done = out->size();
  out->resize(done + selected.size());
  while (!selected.empty()) {
    const size_t count = std::min(LeafColumns::kMostRows, selected.size());
    HashPaddable(columns_.Write(selected.first(count)), std::span(*out).subspan(done, count));
    done += count;
    selected = selected.subspan(count);
  }
}

}  // namespace tidemark::ledger
