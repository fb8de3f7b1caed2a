#include "clients/cpp/ledger/wire.h"

namespace tidemark::ledger::wire {

void AppendAttributes(std::span<const Attribute> attributes, std::string* out) {
  base::AppendVarint(attributes.size(), out);
  for (const Attribute& attribute : attributes) {
    AppendText(attribute.key, out);
    AppendText(attribute.value, out);
  }
}

bool ConsumeAttributes(std::string_view* data, std::vector<Attribute>* attributes) {
  uint64_t count = 0;
  if (!base::ConsumeVarint(data, &count) || count == 0 || count > kMaxAttributes) return false;
  for (uint64_t i = 0; i < count; ++i) {
    Attribute attribute;
    if (!ConsumeText(data, &attribute.key) || !ConsumeText(data, &attribute.value)) return false;
    if (i > 0 && attribute.key <= attributes->back().key) return false;
    attributes->push_back(attribute);
  }
  return true;
}

char* PutLeaves(std::span<const uint64_t> leaves, char* out) {
  out = base::EncodeVarint(leaves.size(), out);
  uint64_t last = 0;
  for (const uint64_t leaf : leaves) {
    out = base::EncodeVarint(leaf - last, out);
    last = leaf;
  }
  return out;
}

bool ConsumeLeaves(std::string_view* data, std::vector<uint64_t>* leaves) {
  uint64_t count = 0;
  if (!base::ConsumeVarint(data, &count) || count == 0 || count > kMaxResolves) return false;
  uint64_t leaf = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t step = 0;
    if (!base::ConsumeVarint(data, &step)) return false;
    if ((i > 0 && step == 0) || step >= kMaxLeaf - leaf) return false;
    leaf += step;
    leaves->push_back(leaf);
  }
  return true;
}

}  // namespace tidemark::ledger::wire
