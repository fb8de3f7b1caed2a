// Leaves and the bodies of the records that are no events: each has one encoding, so what is
// decoded and encoded again is the same bytes.
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/wire.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::ledger {
namespace {

// `decoded` is what `decode` made of `body`.
template <typename Body>
void CheckBody(std::string_view body, const absl::StatusOr<Body>& decoded) {
  if (!decoded.ok()) {
    FUZZ_CHECK(absl::IsDataLoss(decoded.status()), decoded.status().ToString());
    return;
  }
  std::string again;
  const absl::Status encoded = EncodeBody(*decoded, &again);
  FUZZ_CHECK(encoded.ok(), encoded.ToString());
  FUZZ_CHECK(again == body, "a body has one encoding");
}

void CheckControl(uint8_t kind, std::string_view body) {
  std::vector<LeafRange> ranges;
  switch (static_cast<RecordKind>(kind)) {
    case RecordKind::kCatalogMark:
      return CheckBody(body, DecodeCatalogMark(body));
    case RecordKind::kSourceDay:
      return CheckBody(body, DecodeSourceDay(body));
    case RecordKind::kErasure:
      return CheckBody(body, DecodeErasure(body, &ranges));
    default:
      return;
  }
}

void CheckLeaf(std::string_view bytes) {
  static const HmacKey* key = new HmacKey("salt key");
  const auto leaf = DecodeLeaf(bytes);
  if (!leaf.ok()) {
    FUZZ_CHECK(absl::IsDataLoss(leaf.status()) || absl::IsUnimplemented(leaf.status()),
               leaf.status().ToString());
    return;
  }
  LeafBatch batch(key);
  const bool event = leaf->kind == static_cast<uint8_t>(RecordKind::kEvent);
  const absl::Status added =
      event ? batch.Add(leaf->event) : batch.AddControl(leaf->control, leaf->accepted_time_us);
  FUZZ_CHECK(added.ok(), added.ToString());
  batch.Finish();
  FUZZ_CHECK(batch.leaf(0) == bytes, "a leaf has one encoding");
  if (!event) CheckControl(leaf->kind, leaf->control.body);
}

// The lists that leaves and blocks are made of.
void CheckLists(std::string_view bytes) {
  std::string_view rest = bytes;
  std::vector<Attribute> attributes;
  if (wire::ConsumeAttributes(&rest, &attributes)) {
    std::string again;
    wire::AppendAttributes(attributes, &again);
    FUZZ_CHECK(again == bytes.substr(0, bytes.size() - rest.size()), "attributes");
  }
  rest = bytes;
  std::vector<uint64_t> leaves;
  if (wire::ConsumeLeaves(&rest, &leaves)) {
    std::string again(leaves.size() * base::kMaxVarintBytes + base::kMaxVarintBytes, '\0');
    again.resize(static_cast<size_t>(wire::PutLeaves(leaves, again.data()) - again.data()));
    FUZZ_CHECK(again == bytes.substr(0, bytes.size() - rest.size()), "leaf list");
  }
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  CheckLeaf(bytes);
  CheckLists(bytes);
  if (!bytes.empty()) CheckControl(static_cast<uint8_t>(bytes[0]), bytes.substr(1));
}

}  // namespace tidemark::ledger
