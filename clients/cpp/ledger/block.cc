#include "clients/cpp/ledger/block.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

absl::Status AddRow(BlockReader& reader, size_t row, LeafBatch* leaves) {
  TM_ASSIGN_OR_RETURN(const uint8_t kind, reader.Kind(row));
  if (kind == static_cast<uint8_t>(RecordKind::kEvent)) {
    TM_ASSIGN_OR_RETURN(const EventRecord record, reader.Record(row));
    return leaves->Add(record);
  }
  TM_ASSIGN_OR_RETURN(const ControlRecord record, reader.Control(row));
  return leaves->AddControl(record, reader.header().accepted_time_us);
}

}  // namespace

absl::Status DeriveLeaves(BlockReader& reader, LeafBatch* leaves) {
  leaves->Clear();
  if (reader.HasUnknownColumns()) {
    return absl::UnimplementedError(
        absl::StrCat("block of leaf ", reader.header().first_leaf,
                     ": has columns that this program does not know; use a newer one"));
  }
  if (reader.header().leaf_version > kLeafVersion) {
    return absl::UnimplementedError(
        absl::StrCat("block of leaf ", reader.header().first_leaf, ": has leaves of version ",
                     reader.header().leaf_version, ", this program makes those of version ",
                     kLeafVersion, "; use a newer one"));
  }
  for (size_t row = 0; row < reader.size(); ++row) {
    const absl::Status status = AddRow(reader, row, leaves);
    if (absl::IsInvalidArgument(status)) {
      // A stored record that cannot be a leaf.
      return absl::DataLossError(absl::StrCat("block of leaf ", reader.header().first_leaf,
                                              ": row ", row, ": ", status.message()));
    }
    TM_RETURN_IF_ERROR(status);
  }
  leaves->Finish();
  return absl::OkStatus();
}

absl::Status VerifyLeaves(BlockReader& reader, LeafBatch* leaves) {
  TM_RETURN_IF_ERROR(DeriveLeaves(reader, leaves));
  std::vector<Hash> hashes;
  leaves->HashLeaves(&hashes);
  CompactRange range(reader.header().first_leaf);
  range.Append(hashes);
  const std::vector<Hash>& nodes = reader.header().nodes;
  if (!std::equal(range.nodes().begin(), range.nodes().end(), nodes.begin(), nodes.end())) {
    return absl::DataLossError(
        absl::StrCat("block of leaf ", reader.header().first_leaf,
                     ": its leaves do not hash to the tree nodes of its header"));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::ledger
