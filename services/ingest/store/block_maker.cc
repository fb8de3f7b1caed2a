#include "services/ingest/store/block_maker.h"

#include <algorithm>
#include <utility>

#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/leaf.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {

void BlockMaker::Start(const ledger::CompactRange& tree, int64_t accepted_time_us) {
  builder_.Clear();
  hashes_.clear();
  blocks_.clear();
  wanted_.clear();
  tree_ = tree;
  accepted_time_us_ = accepted_time_us;
}

absl::Status BlockMaker::Add(Rows rows) {
  size_t count = rows.selected.size();
  while (count > 0) {
    const std::span<const uint32_t> part = rows.selected.first(count);
    const absl::Status added = builder_.AddRows(rows.rows, part, rows.links, rows.principal);
    if (absl::IsResourceExhausted(added)) [[unlikely]] {
      if (builder_.size() > 0) {
        TM_RETURN_IF_ERROR(FinishBlock());
      } else if (count > 1) {
        count = std::min(count / 2, ledger::BlockBuilder::kMostRowsThatFit);
      } else {
        return added;
      }
      continue;
    }
    TM_RETURN_IF_ERROR(added);
    leaves_.Hash(rows.rows, part,
                 {.commitments = rows.commitments,
                  .links = rows.links,
                  .principal = rows.principal,
                  .accepted_time_us = accepted_time_us_},
                 &hashes_);
    rows.selected = rows.selected.subspan(count);
    count = std::min(count, rows.selected.size());
  }
  return absl::OkStatus();
}

absl::Status BlockMaker::Add(const ledger::CatalogMark& mark) {
  body_.clear();
  TM_RETURN_IF_ERROR(ledger::EncodeBody(mark, &body_));
  return AddControl(ledger::RecordKind::kCatalogMark);
}

absl::Status BlockMaker::Add(const ledger::SourceDay& day) {
  body_.clear();
  TM_RETURN_IF_ERROR(ledger::EncodeBody(day, &body_));
  return AddControl(ledger::RecordKind::kSourceDay);
}

absl::Status BlockMaker::AddControl(ledger::RecordKind kind) {
  const ledger::ControlRecord record{.kind = static_cast<uint8_t>(kind), .body = body_};
  absl::Status added = builder_.AddControl(record);
  if (absl::IsResourceExhausted(added)) [[unlikely]] {
    TM_RETURN_IF_ERROR(FinishBlock());
    added = builder_.AddControl(record);
  }
  TM_RETURN_IF_ERROR(added);
  leaf_.clear();
  TM_RETURN_IF_ERROR(ledger::EncodeLeaf(record, accepted_time_us_, &leaf_));
  hashes_.push_back(ledger::LeafHash(leaf_));
  return absl::OkStatus();
}

void BlockMaker::WantHashes(uint64_t begin, uint64_t end, std::vector<ledger::Hash>* out) {
  out->resize(end - begin);
  wanted_.push_back({begin, end, out});
}

absl::Status BlockMaker::FinishBlock() {
  const uint64_t first_leaf = tree_.end();
  range_.Reset(first_leaf);
  range_.Append(hashes_);
  TM_RETURN_IF_ERROR(tree_.Append(range_));
  auto bytes = std::make_shared<std::string>();
  TM_RETURN_IF_ERROR(builder_.Finish({.first_leaf = first_leaf,
                                      .accepted_time_us = accepted_time_us_,
                                      .log_id = log_id_,
                                      .nodes = range_.nodes()},
                                     bytes.get()));
  for (const Wanted& wanted : wanted_) {
    const uint64_t begin = std::max(wanted.begin, first_leaf);
    const uint64_t end = std::min<uint64_t>(wanted.end, first_leaf + hashes_.size());
    for (uint64_t leaf = begin; leaf < end; ++leaf) {
      (*wanted.out)[leaf - wanted.begin] = hashes_[leaf - first_leaf];
    }
  }
  blocks_.push_back({.first_leaf = first_leaf,
                     .record_count = static_cast<uint32_t>(hashes_.size()),
                     .bytes = std::move(bytes)});
  hashes_.clear();
  return absl::OkStatus();
}

absl::Status BlockMaker::Finish(std::vector<CommitGroup::Block>* blocks,
                                ledger::CompactRange* tree) {
  if (builder_.size() > 0) TM_RETURN_IF_ERROR(FinishBlock());
  *blocks = std::exchange(blocks_, {});
  *tree = tree_;
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
