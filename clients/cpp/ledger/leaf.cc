#include "clients/cpp/ledger/leaf.h"

#include <cstring>

#include "clients/cpp/ledger/leaf_wire.h"
#include "clients/cpp/ledger/leaf_writer.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

using base::EncodeVarint;
using base::ZigZagEncode;
using wire::PutText;

constexpr char kHasPseudonym = 1;
constexpr char kHasAttributes = 2;

// At most kMaxLeafBytes of a checked record.
char* PutControlLeaf(const ControlRecord& record, int64_t accepted_time_us, char* out) {
  out = PutHead(record.kind, accepted_time_us, out);
  if (!record.body.empty()) std::memcpy(out, record.body.data(), record.body.size());
  return out + record.body.size();
}

constexpr uint64_t Bit(LeafBit of, bool present = true) {
  return uint64_t{present} << static_cast<int>(of);
}

std::string_view TextOf(const EventRecord& record, const LeafField& field) {
  return field.type == LeafField::kCode ? record.*kCodeTexts[field.place].text
                                        : record.*kOwnTexts[field.place].text;
}

uint8_t SmallOf(const EventRecord& record, size_t place) {
  switch (static_cast<EventRows::SmallName>(place)) {
    case EventRows::kKind:
      return static_cast<uint8_t>(record.kind);
    case EventRows::kReportingRole:
      return static_cast<uint8_t>(record.reporting_role);
    case EventRows::kSegment:
      return static_cast<uint8_t>(record.segment);
    case EventRows::kChannel:
      return static_cast<uint8_t>(record.channel);
    case EventRows::kAreaType:
      return static_cast<uint8_t>(record.area_type);
    case EventRows::kSmallCount:
      break;
  }
  return 0;
}

const std::optional<int64_t>& IntegerOf(const EventRecord& record, size_t place) {
  return place == EventRows::kAmount          ? record.amount
         : place == EventRows::kVoucherAmount ? record.voucher_amount
                                              : record.quantity;
}

bool Has(const EventRecord& record, const LeafField& field) {
  switch (field.type) {
    case LeafField::kCode:
    case LeafField::kOwn:
      return !Absent(TextOf(record, field));
    case LeafField::kSmall:
      return SmallOf(record, field.place) != 0;
    case LeafField::kInteger:
      break;
  }
  return IntegerOf(record, field.place).has_value();
}

char* PutField(const EventRecord& record, const LeafField& field, char* out) {
  switch (field.type) {
    case LeafField::kCode:
    case LeafField::kOwn:
      return PutText(TextOf(record, field), out);
    case LeafField::kSmall:
      *out = static_cast<char>(SmallOf(record, field.place));
      return out + 1;
    case LeafField::kInteger:
      break;
  }
  return EncodeVarint(ZigZagEncode(*IntegerOf(record, field.place)), out);
}

}  // namespace

char* PutHead(uint8_t kind, int64_t accepted_time_us, char* out) {
  *out++ = static_cast<char>(kLeafVersion);
  *out++ = static_cast<char>(kind);
  return EncodeVarint(ZigZagEncode(accepted_time_us), out);
}

char* PutLink(uint64_t leaf, char* out) {
  return EncodeVarint(leaf == kWaitingLeaf ? 0 : leaf + 1, out);
}

bool HasPrivate(const EventRecord& record) {
  return !Absent(record.pseudonym) || !record.attributes.empty();
}

void AppendPrivate(uint32_t pseudonym_epoch, std::string_view pseudonym,
                   std::span<const Attribute> attributes, std::string* out) {
  const bool has_pseudonym = !Absent(pseudonym);
  char head[1 + base::kMaxVarintBytes + kPseudonymBytes];
  head[0] = static_cast<char>((has_pseudonym ? kHasPseudonym : 0) |
                              (attributes.empty() ? 0 : kHasAttributes));
  char* end = head + 1;
  if (has_pseudonym) {
    end = EncodeVarint(pseudonym_epoch, end);
    std::memcpy(end, pseudonym.data(), kPseudonymBytes);
    end += kPseudonymBytes;
  }
  out->append(head, static_cast<size_t>(end - head));
  if (!attributes.empty()) wire::AppendAttributes(attributes, out);
}

void AppendSaltInput(std::string_view source, std::string_view id, uint32_t revision,
                     std::string* out) {
  char input[3 * base::kMaxVarintBytes + 2 * kMaxIdentityBytes];
  char* end = PutText(id, PutText(source, input));
  end = EncodeVarint(revision, end);
  out->append(input, static_cast<size_t>(end - input));
}

uint64_t LinkBits(const EventLinks& links) {
  return Bit(LeafBit::kOriginalLeaf, links.original_leaf != kNoLeaf) |
         Bit(LeafBit::kResolves, !links.resolves.empty()) |
         Bit(LeafBit::kPreviousLeaf, links.previous_leaf != kNoLeaf) |
         Bit(LeafBit::kTransactionLeaf, links.transaction_leaf != kNoLeaf);
}

char* PutLinks(const EventLinks& links, char* out) {
  if (links.original_leaf != kNoLeaf) out = PutLink(links.original_leaf, out);
  if (!links.resolves.empty()) out = wire::PutLeaves(links.resolves, out);
  if (links.previous_leaf != kNoLeaf) out = PutLink(links.previous_leaf, out);
  if (links.transaction_leaf != kNoLeaf) out = PutLink(links.transaction_leaf, out);
  return out;
}

char* PutEventLeaf(const EventRecord& record, char* out, char** hole) {
  const bool is_private = !Absent(record.commitment) || HasPrivate(record);
  const EventLinks links = LinksOf(record);
  uint64_t bits = LinkBits(links) | Bit(LeafBit::kRevision, record.revision != 0) |
                  Bit(LeafBit::kPrivate, is_private) |
                  Bit(LeafBit::kPrincipal, !Absent(record.principal));
  for (const LeafField& field : kLeafFields) bits |= Bit(field.bit, Has(record, field));
  out = PutHead(static_cast<uint8_t>(RecordKind::kEvent), record.accepted_time_us, out);
  out = EncodeVarint(bits, out);
  out = PutText(record.source, out);
  out = PutText(record.id, out);
  if (record.revision != 0) out = EncodeVarint(record.revision, out);
  *out++ = static_cast<char>(record.kind);
  out = EncodeVarint(ZigZagEncode(record.event_time_us), out);
  for (const LeafField& field : kLeafFields) {
    if ((bits & Bit(field.bit)) != 0) out = PutField(record, field, out);
  }
  *hole = is_private && Absent(record.commitment) ? out : nullptr;
  if (is_private) {
    if (*hole == nullptr) wire::CopyText(record.commitment, out);
    out += kCommitmentBytes;
  }
  if (!Absent(record.principal)) out = PutText(record.principal, out);
  return PutLinks(links, out);
}

LeafBatch::LeafBatch(const HmacKey* salt_key) : salt_key_(salt_key) {}

char* LeafBatch::Grow() {
  if (bytes_.size() - used_ < kMaxLeafBytes) bytes_.resize(2 * bytes_.size() + kMaxLeafBytes);
  return bytes_.data() + used_;
}

absl::Status LeafBatch::Add(const EventRecord& record) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  AddChecked(record);
  return absl::OkStatus();
}

void LeafBatch::AddChecked(const EventRecord& record) {
  char* hole = nullptr;
  const char* end = PutEventLeaf(record, Grow(), &hole);
  used_ = static_cast<size_t>(end - bytes_.data());
  ends_.push_back(used_);
  if (hole != nullptr) {
    AppendSaltInput(record.source, record.id, record.revision, &salt_inputs_);
    privates_.append(kSaltBytes, '\0');
    AppendPrivate(record.pseudonym_epoch, record.pseudonym, record.attributes, &privates_);
    pending_.push_back(
        {static_cast<size_t>(hole - bytes_.data()), salt_inputs_.size(), privates_.size()});
  }
}

absl::Status LeafBatch::AddControl(const ControlRecord& record, int64_t accepted_time_us) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  const char* end = PutControlLeaf(record, accepted_time_us, Grow());
  used_ = static_cast<size_t>(end - bytes_.data());
  ends_.push_back(used_);
  return absl::OkStatus();
}

void LeafBatch::Finish() {
  if (pending_.empty()) return;
  messages_.clear();
  size_t begin = 0;
  for (const Pending& pending : pending_) {
    messages_.push_back(std::string_view(salt_inputs_).substr(begin, pending.salt_end - begin));
    begin = pending.salt_end;
  }
  hashes_.resize(pending_.size());
  salt_key_->MacMany(messages_, hashes_);
  begin = 0;
  for (size_t i = 0; i < pending_.size(); ++i) {
    std::memcpy(privates_.data() + begin, hashes_[i].data(), kSaltBytes);
    messages_[i] = std::string_view(privates_).substr(begin, pending_[i].private_end - begin);
    begin = pending_[i].private_end;
  }
  HashMany(messages_, hashes_);
  for (size_t i = 0; i < pending_.size(); ++i) {
    std::memcpy(bytes_.data() + pending_[i].hole, hashes_[i].data(), kCommitmentBytes);
  }
  pending_.clear();
  salt_inputs_.clear();
  privates_.clear();
}

void LeafBatch::HashLeaves(std::vector<Hash>* out) const {
  std::vector<std::string_view> leaves(size());
  for (size_t i = 0; i < leaves.size(); ++i) leaves[i] = leaf(i);
  out->resize(leaves.size());
  HashMany(leaves, 0x00, *out);
}

void LeafBatch::Clear() {
  used_ = 0;
  ends_.clear();
  pending_.clear();
  salt_inputs_.clear();
  privates_.clear();
}

absl::Status EncodeLeaf(const EventRecord& record, const HmacKey& salt_key, std::string* out) {
  LeafBatch batch(&salt_key);
  TM_RETURN_IF_ERROR(batch.Add(record));
  batch.Finish();
  out->append(batch.leaf(0));
  return absl::OkStatus();
}

absl::Status EncodeLeaf(const ControlRecord& record, int64_t accepted_time_us, std::string* out) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  const size_t before = out->size();
  out->resize(before + kMaxLeafBytes);
  const char* end = PutControlLeaf(record, accepted_time_us, out->data() + before);
  out->resize(static_cast<size_t>(end - out->data()));
  return absl::OkStatus();
}

Hash LeafHash(std::string_view leaf) {
  Hash hash;
  HashMany({&leaf, 1}, 0x00, {&hash, 1});
  return hash;
}

absl::Status EncodePrivate(const EventRecord& record, std::string* out) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  if (HasPrivate(record)) {
    AppendPrivate(record.pseudonym_epoch, record.pseudonym, record.attributes, out);
  }
  return absl::OkStatus();
}

std::string Salt(const EventRecord& record, const HmacKey& salt_key) {
  std::string input;
  AppendSaltInput(record.source, record.id, record.revision, &input);
  const Hash mac = salt_key.Mac(input);
  return std::string(reinterpret_cast<const char*>(mac.data()), kSaltBytes);
}

Hash Commit(std::string_view salt, std::string_view private_part) {
  std::string message(salt);
  message.append(private_part);
  return Sha256(message);
}

}  // namespace tidemark::ledger
