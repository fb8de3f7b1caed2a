#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

absl::Status Damaged(std::string_view field) {
  return absl::DataLossError(
      absl::StrCat("leaf: ", field, " is missing, cut short or not canonical"));
}

// Reads the fields one after the other; the first that is wrong makes all later ones no-ops.
class EventParser {
 public:
  EventParser(std::string_view data, uint64_t bits) : data_(data), bits_(bits) {}

  void Text(std::string_view name, std::string_view* out) {
    Check(name, wire::ConsumeText(&data_, out));
  }
  void Text(std::string_view name, LeafBit bit, std::string_view* out) {
    if (Has(bit)) Text(name, out);
  }
  void Signed(std::string_view name, int64_t* out) {
    Check(name, wire::ConsumeSigned(&data_, out));
  }
  void Signed(std::string_view name, LeafBit bit, std::optional<int64_t>* out) {
    if (Has(bit)) Signed(name, &out->emplace());
  }
  template <typename Enum>
  void Small(std::string_view name, Enum* out) {
    std::string_view byte;
    const bool ok = wire::ConsumeBytes(&data_, 1, &byte) && byte[0] > 0;
    if (ok) *out = static_cast<Enum>(byte[0]);
    Check(name, ok);
  }
  template <typename Enum>
  void Small(std::string_view name, LeafBit bit, Enum* out) {
    if (Has(bit)) Small(name, out);
  }
  void Revision(uint32_t* out) {
    if (!Has(LeafBit::kRevision)) return;
    uint64_t value = 0;
    const bool ok =
        base::ConsumeVarint(&data_, &value) && value <= std::numeric_limits<uint32_t>::max();
    Check("revision", ok);
    *out = static_cast<uint32_t>(value);
  }
  void Link(std::string_view name, LeafBit bit, uint64_t* out) {
    if (!Has(bit)) return;
    uint64_t value = 0;
    const bool ok = base::ConsumeVarint(&data_, &value) && value <= kMaxLeaf;
    Check(name, ok);
    *out = value == 0 ? kWaitingLeaf : value - 1;
  }
  void Commitment(std::string_view* out) {
    if (Has(LeafBit::kPrivate))
      Check("commitment", wire::ConsumeBytes(&data_, kCommitmentBytes, out));
  }
  void Resolves(std::vector<uint64_t>* out) {
    if (Has(LeafBit::kResolves)) Check("resolves", wire::ConsumeLeaves(&data_, out));
  }
  absl::Status Done() {
    Check("end", data_.empty());
    return failed_.empty() ? absl::OkStatus() : Damaged(failed_);
  }

 private:
  bool Has(LeafBit bit) const { return ((bits_ >> static_cast<int>(bit)) & 1) != 0; }
  void Check(std::string_view name, bool ok) {
    if (ok || !failed_.empty()) return;
    failed_ = name;
    data_ = {};
  }

  std::string_view data_;
  uint64_t bits_;
  std::string_view failed_;
};

absl::Status ParseEvent(std::string_view body, DecodedLeaf* leaf) {
  uint64_t bits = 0;
  if (!base::ConsumeVarint(&body, &bits) || bits >> static_cast<int>(LeafBit::kCount) != 0) {
    return Damaged("presence");
  }
  EventRecord& r = leaf->event;
  EventParser p(body, bits);
  p.Text("source", &r.source);
  p.Text("id", &r.id);
  p.Revision(&r.revision);
  p.Small("kind", &r.kind);
  p.Signed("event_time", &r.event_time_us);
  p.Text("original.source", LeafBit::kOriginal, &r.original_source);
  p.Text("original.id", LeafBit::kOriginal, &r.original_id);
  p.Text("order", LeafBit::kOrder, &r.order);
  p.Text("transaction.scheme", LeafBit::kTransaction, &r.transaction_scheme);
  p.Text("transaction.id", LeafBit::kTransaction, &r.transaction_id);
  p.Small("reporting_role", LeafBit::kReportingRole, &r.reporting_role);
  p.Text("consumer.scheme", LeafBit::kConsumerScheme, &r.consumer_scheme);
  p.Text("consumer_region", LeafBit::kConsumerRegion, &r.consumer_region);
  p.Text("provider_region", LeafBit::kProviderRegion, &r.provider_region);
  p.Text("place_of_use", LeafBit::kPlaceOfUse, &r.place_of_use);
  p.Text("category", LeafBit::kCategory, &r.category);
  p.Text("product", LeafBit::kProduct, &r.product);
  p.Text("provider", LeafBit::kProvider, &r.provider);
  p.Small("segment", LeafBit::kSegment, &r.segment);
  p.Small("channel", LeafBit::kChannel, &r.channel);
  p.Text("payment_method", LeafBit::kPaymentMethod, &r.payment_method);
  p.Text("age_band", LeafBit::kAgeBand, &r.age_band);
  p.Small("area_type", LeafBit::kAreaType, &r.area_type);
  p.Text("income_band", LeafBit::kIncomeBand, &r.income_band);
  p.Text("scenario", LeafBit::kScenario, &r.scenario);
  p.Text("project", LeafBit::kProject, &r.project);
  p.Text("activity", LeafBit::kActivity, &r.activity);
  p.Signed("amount", LeafBit::kAmount, &r.amount);
  p.Signed("voucher_amount", LeafBit::kVoucherAmount, &r.voucher_amount);
  p.Signed("quantity", LeafBit::kQuantity, &r.quantity);
  p.Commitment(&r.commitment);
  p.Text("principal", LeafBit::kPrincipal, &r.principal);
  p.Link("original_leaf", LeafBit::kOriginalLeaf, &r.original_leaf);
  p.Resolves(&leaf->resolves);
  p.Link("previous_leaf", LeafBit::kPreviousLeaf, &r.previous_leaf);
  p.Link("transaction_leaf", LeafBit::kTransactionLeaf, &r.transaction_leaf);
  r.resolves = leaf->resolves;
  return p.Done();
}

}  // namespace

absl::StatusOr<DecodedLeaf> DecodeLeaf(std::string_view leaf) {
  if (leaf.size() > kMaxLeafBytes) {
    return absl::DataLossError(
        absl::StrCat("leaf: ", leaf.size(), " bytes, want at most ", kMaxLeafBytes));
  }
  if (leaf.size() < 2) return Damaged("head");
  const auto version = static_cast<uint8_t>(leaf[0]);
  if (version > kLeafVersion) {
    return absl::UnimplementedError(absl::StrCat("leaf: version ", version,
                                                 ", this program reads up to ", kLeafVersion,
                                                 "; use a newer one"));
  }
  if (version == 0) return Damaged("version");
  DecodedLeaf out;
  out.kind = static_cast<uint8_t>(leaf[1]);
  std::string_view body = leaf.substr(2);
  if (!wire::ConsumeSigned(&body, &out.accepted_time_us)) return Damaged("accepted time");
  if (out.kind != static_cast<uint8_t>(RecordKind::kEvent)) {
    out.control = {out.kind, body};
    if (!CheckRecord(out.control).ok()) return Damaged("record kind");
    return out;
  }
  TM_RETURN_IF_ERROR(ParseEvent(body, &out));
  out.event.accepted_time_us = out.accepted_time_us;
  if (absl::Status status = CheckRecord(out.event); !status.ok()) {
    return absl::DataLossError(absl::StrCat("leaf: ", status.message()));
  }
  // Whatever the checks above let pass: there is one encoding, and this has to be it.
  char again[kMaxLeafBytes];
  char* hole = nullptr;
  const char* end = PutEventLeaf(out.event, again, &hole);
  if (std::string_view(again, static_cast<size_t>(end - again)) != leaf) return Damaged("encoding");
  return out;
}

}  // namespace tidemark::ledger
