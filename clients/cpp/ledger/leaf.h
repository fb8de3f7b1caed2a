// Canonical leaf bytes, format version 1 (docs/formats/leaf.md): what the Merkle tree hashes and
// auditors read.
//
//   HmacKey salt_key(secret);
//   LeafBatch leaves(&salt_key);                  // reused from block to block
//   TM_RETURN_IF_ERROR(leaves.Add(record));       // appends; ~100-200 ns
//   leaves.Finish();                              // fills in the private commitments, many at a
//   time leaves.HashLeaves(&hashes);                   // RFC 6962 leaf hashes
//
// A leaf holds the public fields in clear and of pseudonym and attributes only SHA-256(salt ‖
// private). The salt is HMAC-SHA-256(salt key, source ‖ id ‖ revision)[0..16), so whoever holds the
// key can open a commitment and nobody else can guess one. Thread-compatible.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/sha256.h"

namespace tidemark::ledger {

inline constexpr uint8_t kLeafVersion = 1;

// Leaves of one block, encoded one after the other into one buffer that is reused.
class LeafBatch {
 public:
  // `salt_key` must outlive the batch.
  explicit LeafBatch(const HmacKey* salt_key);

  // Appends the leaf of an event; uses record.accepted_time_us. INVALID_ARGUMENT naming the field
  // when the record cannot be a leaf (a required field is absent, a list is not ascending, more
  // than 16 KiB ...); nothing is appended then.
  absl::Status Add(const EventRecord& record);
  // As Add, for a record that CheckRecord() has taken.
  void AddChecked(const EventRecord& record);
  // Appends the leaf of another kind; `body` is made by control.h.
  absl::Status AddControl(const ControlRecord& record, int64_t accepted_time_us);

  // Computes the commitments of the leaves added since. Leaves are valid after it. Idempotent.
  void Finish();

  size_t size() const { return ends_.size(); }
  // Valid after Finish() until the next non-const call.
  std::string_view leaf(size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }
  // RFC 6962 leaf hashes, after Finish(). Replaces `out`.
  void HashLeaves(std::vector<Hash>* out) const;
  // Forgets the leaves and keeps the memory.
  void Clear();

 private:
  struct Pending {       // A commitment still to be computed.
    size_t hole;         // where its 32 bytes go in bytes_
    size_t salt_end;     // end of its part of salt_inputs_
    size_t private_end;  // end of its part of privates_
  };

  // Room for one more leaf of any size.
  char* Grow();

  const HmacKey* salt_key_;
  std::string bytes_;  // larger than used_, so that appending does not fill it first
  size_t used_ = 0;
  std::vector<size_t> ends_;
  std::vector<Pending> pending_;
  std::string salt_inputs_;
  std::string privates_;  // each after 16 bytes kept free for its salt
  // Scratch of Finish().
  std::vector<std::string_view> messages_;
  std::vector<Hash> hashes_;
};

// Appends the leaf of one event to `out`. As LeafBatch::Add and Finish for one record.
absl::Status EncodeLeaf(const EventRecord& record, const HmacKey& salt_key, std::string* out);

// As LeafBatch::AddControl.
absl::Status EncodeLeaf(const ControlRecord& record, int64_t accepted_time_us, std::string* out);

// RFC 6962 hash of a leaf: SHA-256(0x00 ‖ leaf).
Hash LeafHash(std::string_view leaf);

// A leaf read back. `event` is filled for RecordKind::kEvent: pseudonym and attributes absent,
// `commitment` set where the leaf has one. For every other kind `control` holds the body.
struct DecodedLeaf {
  uint8_t kind = 0;
  int64_t accepted_time_us = 0;
  EventRecord event;
  ControlRecord control;
  std::vector<uint64_t> resolves;  // what event.resolves points to

  DecodedLeaf() = default;
  DecodedLeaf(DecodedLeaf&&) = default;
  DecodedLeaf& operator=(DecodedLeaf&&) = default;
};

// Reads a leaf; the views point into `leaf`. DATA_LOSS when it is not exactly what EncodeLeaf
// writes: another encoding of the same record is refused. UNIMPLEMENTED for a later leaf version.
absl::StatusOr<DecodedLeaf> DecodeLeaf(std::string_view leaf);

// The private part and its opening, for the owner of the data and for auditors who were given the
// salt. Canonical encoding of epoch, pseudonym and attributes; empty when the record has neither
// pseudonym nor attributes.
absl::Status EncodePrivate(const EventRecord& record, std::string* out);
// The 16-byte salt of the record's commitment.
std::string Salt(const EventRecord& record, const HmacKey& salt_key);
// SHA-256(salt ‖ private).
Hash Commit(std::string_view salt, std::string_view private_part);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_LEAF_H_
