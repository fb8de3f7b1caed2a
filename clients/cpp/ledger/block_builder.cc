#include "clients/cpp/ledger/block_builder.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block_columns.h"
#include "clients/cpp/ledger/body_writer.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/base/crc32c.h"
#include "common/base/varint.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {

static_assert(BlockBuilder::kMostRowsThatFit * BlockBuilder::kMostRowBytes <= kMaxBlockRawBytes);

struct BlockBuilder::Impl {
  BlockColumns columns;
  BodyWriter writer;
  std::string body;
  EventRows one;  // of Add

  absl::Status Add(const EventRows& rows, std::span<const uint32_t> selected,
                   std::span<const LinkedRow> links, std::string_view principal,
                   BlockColumns::Texts texts);
};

BlockBuilder::BlockBuilder() : impl_(std::make_unique<Impl>()) {}
BlockBuilder::~BlockBuilder() = default;
BlockBuilder::BlockBuilder(BlockBuilder&&) noexcept = default;
BlockBuilder& BlockBuilder::operator=(BlockBuilder&&) noexcept = default;

size_t BlockBuilder::size() const { return impl_->columns.rows(); }
size_t BlockBuilder::raw_bytes() const { return impl_->columns.raw_bytes(); }
void BlockBuilder::Clear() { impl_->columns.Clear(); }

absl::Status BlockBuilder::Add(const EventRecord& record) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  impl_->one.Clear();
  impl_->one.Append(record);
  const uint32_t first = 0;
  const LinkedRow linked = {.row = 0, .links = LinksOf(record)};
  return impl_->Add(impl_->one, {&first, 1}, {&linked, 1}, record.principal,
                    BlockColumns::Texts::kCopied);
}

absl::Status BlockBuilder::Impl::Add(const EventRows& rows, std::span<const uint32_t> selected,
                                     std::span<const LinkedRow> links, std::string_view principal,
                                     BlockColumns::Texts texts) {
  // Of a part of the rows no more than the worst is known.
  size_t bytes = std::min(BlockColumns::BytesOf(rows), selected.size() * kMostRowBytes);
  for (const LinkedRow& link : links) bytes += link.links.resolves.size() * base::kMaxVarintBytes;
  TM_RETURN_IF_ERROR(columns.Room(selected.size(), bytes));
  columns.AddRows(rows, selected, links, principal, texts, bytes);
  return absl::OkStatus();
}

absl::Status BlockBuilder::AddRows(const EventRows& rows, std::span<const uint32_t> selected,
                                   std::span<const LinkedRow> links, std::string_view principal) {
  return impl_->Add(rows, selected, links, principal, BlockColumns::Texts::kStay);
}

absl::Status BlockBuilder::AddControl(const ControlRecord& record) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  TM_RETURN_IF_ERROR(impl_->columns.Room(1, BlockColumns::BytesOf(record)));
  impl_->columns.AddControl(record);
  return absl::OkStatus();
}

absl::Status BlockBuilder::AddCatalogMark(const CatalogMark& mark) {
  std::string body;
  TM_RETURN_IF_ERROR(EncodeBody(mark, &body));
  return AddControl({static_cast<uint8_t>(RecordKind::kCatalogMark), body});
}

absl::Status BlockBuilder::AddSourceDay(const SourceDay& day) {
  std::string body;
  TM_RETURN_IF_ERROR(EncodeBody(day, &body));
  return AddControl({static_cast<uint8_t>(RecordKind::kSourceDay), body});
}

absl::Status BlockBuilder::AddErasure(const Erasure& erasure) {
  std::string body;
  TM_RETURN_IF_ERROR(EncodeBody(erasure, &body));
  return AddControl({static_cast<uint8_t>(RecordKind::kErasure), body});
}

absl::Status BlockBuilder::Finish(const FinishOptions& options, std::string* block) {
  Impl& impl = *impl_;
  if (impl.columns.rows() == 0)
    return absl::InvalidArgumentError("block: no records, want at least one");
  BlockHeader header;
  header.record_count = impl.columns.rows();
  header.first_leaf = options.first_leaf;
  header.write_first_leaf = options.first_leaf;
  header.accepted_time_us = options.accepted_time_us;
  header.log_id = options.log_id;
  if (header.first_leaf > kMaxLeaf - kMaxBlockRecords) {
    return absl::InvalidArgumentError(
        absl::StrCat("first_leaf: ", header.first_leaf, " is too large"));
  }
  header.nodes.assign(options.nodes.begin(), options.nodes.end());
  if (CompactRangeNodes(header.first_leaf, header.end_leaf()).size() != header.nodes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("nodes: ", header.nodes.size(), ", want those of the leaves [",
                     header.first_leaf, ", ", header.end_leaf(), ")"));
  }
  TM_RETURN_IF_ERROR(impl.columns.CheckLinks(header.first_leaf));
  impl.writer.Start(impl.columns.rows());
  for (size_t i = 1; i < kColumnCount; ++i)
    impl.columns.WriteColumn(static_cast<Column>(i), header.first_leaf, &impl.writer);
  impl.body.clear();
  header.raw_bytes = impl.writer.Finish(&impl.body);
  header.body_bytes = static_cast<uint32_t>(impl.body.size());
  header.body_crc = base::Crc32c(impl.body);
  block->clear();
  AppendHeader(header, block);
  block->append(impl.body);
  impl.columns.Clear();
  return absl::OkStatus();
}

}  // namespace tidemark::ledger
