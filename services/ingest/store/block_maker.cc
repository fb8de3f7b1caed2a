#include "services/ingest/store/block_maker.h"

#include <algorithm>
#include <utility>

#include "clients/cpp/ledger/control.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {

BlockMaker::BlockMaker(const ledger::HmacKey* salt_key, ledger::LogId log_id)
    : log_id_(log_id), leaves_(salt_key) {}

void BlockMaker::Start(const ledger::CompactRange& tree, int64_t accepted_time_us) {
  builder_.Clear();
  leaves_.Clear();
  blocks_.clear();
  wanted_.clear();
  tree_ = tree;
  accepted_time_us_ = accepted_time_us;
}

absl::Status BlockMaker::Add(std::span<const ledger::EventRecord* const> records) {
  while (!records.empty()) {
    size_t count = std::min(records.size(), ledger::BlockBuilder::kMostAtOnce);
    absl::Status added = builder_.AddChecked(records.first(count));
    // The last rows of a full block go in one by one.
    if (absl::IsResourceExhausted(added)) [[unlikely]] {
      count = 1;
      added = builder_.AddChecked(records.first(1));
      if (absl::IsResourceExhausted(added)) {
        TM_RETURN_IF_ERROR(FinishBlock());
        added = builder_.AddChecked(records.first(1));
      }
    }
    TM_RETURN_IF_ERROR(added);
    for (const ledger::EventRecord* record : records.first(count)) leaves_.AddChecked(*record);
    records = records.subspan(count);
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
  return leaves_.AddControl(record, accepted_time_us_);
}

void BlockMaker::WantHashes(uint64_t begin, uint64_t end, std::vector<ledger::Hash>* out) {
  out->resize(end - begin);
  wanted_.push_back({begin, end, out});
}

absl::Status BlockMaker::FinishBlock() {
  leaves_.Finish();
  leaves_.HashLeaves(&hashes_);
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
  leaves_.Clear();
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
