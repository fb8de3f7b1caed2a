#include "services/ingest/store/log_check.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/merkle.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/identity_run_check.h"
#include "services/ingest/store/identity_table.h"
#include "services/ingest/store/log_folder.h"
#include "services/ingest/store/log_scan.h"
#include "services/ingest/store/waiting_refunds.h"

namespace tidemark::ingest {
namespace {

// After as many, the rest says nothing new.
constexpr size_t kMaxProblems = 100;

std::string_view AsText(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class LogChecker {
 public:
  // `whole`: no leaves are missing.
  LogChecker(const LogFolder& folder, const BlockFiles& files, bool whole, LogCheckReport* report)
      : files_(files),
        whole_(whole),
        salt_key_(folder.keys().salt),
        hash_(folder.keys().identity),
        leaves_(&salt_key_),
        report_(*report) {}

  void Run() {
    for (size_t i = 0; report_.problems.size() < kMaxProblems; ++i) {
      const auto ref = files_.At(i);
      if (!ref.has_value()) break;
      const absl::Status checked = CheckBlock(*ref);
      if (!checked.ok()) Problem(*ref, checked.message());
    }
    report_.waiting_refunds = waiting_.size();
  }

  // After Run().
  void CheckRuns(const IdentityRunFolder& folder) {
    IdentityRunReport runs =
        CheckIdentityRuns(folder, files_.end_leaf(), whole_ ? &table_ : nullptr);
    report_.identity_runs = runs.runs;
    report_.identities_in_runs = runs.entries;
    std::move(runs.problems.begin(), runs.problems.end(), std::back_inserter(report_.problems));
  }

  const SipHash& hash() const { return hash_; }

  // Before Run(): the tree of the first leaves must be that of the checkpoint.
  void Expect(const ledger::Checkpoint& kept) { kept_ = kept; }
  // After Run().
  void CheckKept() {
    if (!whole_ || kept_.size == 0 || kept_met_ || tree_.end() != files_.end_leaf()) return;
    report_.problems.push_back(
        tree_.end() < kept_.size
            ? absl::StrCat("the log has ", tree_.end(), " leaves, but signed a checkpoint of ",
                           kept_.size, " that was kept: leaves are gone")
            : absl::StrCat("no block ends with the ", kept_.size,
                           " leaves of the checkpoint that was kept: blocks were replaced"));
  }

 private:
  void Problem(const BlockRef& ref, std::string_view what) {
    report_.problems.push_back(
        absl::StrCat(files_.PathOf(ref.file), ", block at offset ", ref.offset, ": ", what));
  }

  absl::Status CheckBlock(const BlockRef& ref) {
    bytes_.resize(ref.bytes);
    TM_RETURN_IF_ERROR(files_.Read(ref, bytes_.data()));
    TM_RETURN_IF_ERROR(reader_.Reset(bytes_));
    TM_RETURN_IF_ERROR(ledger::VerifyLeaves(reader_, &leaves_));
    if (whole_) TM_RETURN_IF_ERROR(GrowTree());
    for (size_t row = 0; row < reader_.size(); ++row) {
      TM_ASSIGN_OR_RETURN(const uint8_t kind, reader_.Kind(row));
      const uint64_t leaf = ref.first_leaf + row;
      if (kind == static_cast<uint8_t>(ledger::RecordKind::kEvent)) {
        TM_ASSIGN_OR_RETURN(const ledger::EventRecord event, reader_.Record(row));
        CheckEvent(ref, leaf, event);
      } else if (kind == static_cast<uint8_t>(ledger::RecordKind::kCatalogMark)) {
        TM_ASSIGN_OR_RETURN(const ledger::ControlRecord control, reader_.Control(row));
        TM_ASSIGN_OR_RETURN(const ledger::CatalogMark mark,
                            ledger::DecodeCatalogMark(control.body));
        if (mark.version <= report_.catalog_version) {
          Problem(ref,
                  absl::StrCat("leaf ", leaf, ": catalog version goes back to ", mark.version));
        }
        report_.catalog_version = mark.version;
      }
    }
    return absl::OkStatus();
  }

  absl::Status GrowTree() {
    // Behind a block that is told as bad.
    if (reader_.header().first_leaf != tree_.end()) return absl::OkStatus();
    TM_RETURN_IF_ERROR(tree_.Append(reader_.header().range()));
    if (kept_.size == 0 || tree_.end() != kept_.size) return absl::OkStatus();
    kept_met_ = true;
    if (tree_.Root() == kept_.root) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("the first ", kept_.size,
                                            " leaves are not those of the checkpoint that was "
                                            "kept: leaves were changed"));
  }

  // Of an event with several records, or one that is no revision 0: leaf by revision.
  using Revisions = std::map<uint32_t, uint64_t>;

  bool IsRecordOf(const Fingerprint& identity, uint64_t leaf) const {
    const auto revisions = revisions_.find(identity);
    if (revisions == revisions_.end()) return table_.Find(identity) == leaf;
    return std::any_of(revisions->second.begin(), revisions->second.end(),
                       [leaf](const auto& revision) { return revision.second == leaf; });
  }

  void CheckRevision(const BlockRef& ref, uint64_t leaf, const Fingerprint& identity,
                     const ledger::EventRecord& event) {
    const uint64_t earlier = table_.FindOrInsert(identity, leaf);
    const bool first = earlier == IdentityTable::kNotFound;
    uint64_t previous = ledger::kNoLeaf;
    if (!first || event.revision != 0) {
      Revisions& revisions = revisions_[identity];
      if (!first && revisions.empty()) revisions[0] = earlier;
      if (!revisions.empty()) previous = revisions.rbegin()->second;
      const auto [same, fresh] = revisions.try_emplace(event.revision, leaf);
      if (!fresh) {
        Problem(ref, absl::StrCat("leaf ", leaf, ": the event is in the log already, at leaf ",
                                  same->second));
      } else if (!first && !table_.InsertNew(identity, leaf)) {
        Problem(ref, absl::StrCat("leaf ", leaf, ": a log has at most 2^40 leaves"));
      }
    }
    if (whole_ && event.previous_leaf != previous) {
      Problem(ref, absl::StrCat("leaf ", leaf, ": the link to its revision before is wrong"));
    }
  }

  void CheckEvent(const BlockRef& ref, uint64_t leaf, const ledger::EventRecord& event) {
    ++report_.events;
    SipHash::Identities identities(hash_);
    if (!ledger::Absent(event.original_id)) {
      const Fingerprint original = identities.Of(event.original_source, event.original_id);
      const bool waits = table_.Find(original) == IdentityTable::kNotFound;
      const bool right = waits ? event.original_leaf == ledger::kWaitingLeaf
                               : IsRecordOf(original, event.original_leaf);
      if (whole_ && !right) {
        Problem(ref, absl::StrCat("leaf ", leaf, ": the link to the original is wrong"));
      }
      if (waits) waiting_.Add(original, leaf);
    }
    const Fingerprint identity = identities.Of(event.source, event.id);
    CheckRevision(ref, leaf, identity, event);
    if (!ledger::Absent(event.transaction_id)) {
      const uint64_t first = table_.FindOrInsert(
          identities.OfTransaction(event.transaction_scheme, event.transaction_id), leaf);
      const bool is_first = first == IdentityTable::kNotFound;
      if (whole_ && event.transaction_leaf != (is_first ? ledger::kNoLeaf : first)) {
        Problem(ref, absl::StrCat("leaf ", leaf, ": the link to its transaction is wrong"));
      }
    }
    const std::vector<uint64_t> resolved =
        waiting_.MayWaitFor(identity) ? waiting_.Take(identity) : std::vector<uint64_t>();
    if (whole_ && !std::equal(resolved.begin(), resolved.end(), event.resolves.begin(),
                              event.resolves.end())) {
      Problem(ref, absl::StrCat("leaf ", leaf, ": the list of refunds it resolves is wrong"));
    }
  }

  const BlockFiles& files_;
  const bool whole_;
  const ledger::HmacKey salt_key_;
  const SipHash hash_;
  ledger::LeafBatch leaves_;
  IdentityTable table_{SIZE_MAX};
  absl::flat_hash_map<Fingerprint, Revisions> revisions_;
  WaitingRefunds waiting_;
  // Of the leaves so far; what it must be at some size, and whether it was that large.
  ledger::CompactRange tree_;
  ledger::Checkpoint kept_;
  bool kept_met_ = false;
  ledger::BlockReader reader_;
  std::string bytes_;
  LogCheckReport& report_;
};

}  // namespace

absl::StatusOr<LogCheckReport> CheckLog(fs::FileSystem& fs, const std::string& dir,
                                        const std::string& kept) {
  TM_ASSIGN_OR_RETURN(const std::unique_ptr<LogFolder> folder,
                      LogFolder::Open({.fs = &fs, .dir = dir, .read_only = true}));
  LogCheckReport report;
  report.log_id = base::HexEncode(AsText(folder->meta().log_id));
  report.name = folder->meta().name;
  TM_ASSIGN_OR_RETURN(const ledger::NoteSigner signer,
                      ledger::NoteSigner::FromText(folder->keys().signing));
  std::optional<ledger::Checkpoint> given;
  if (!kept.empty()) {
    auto opened = ledger::OpenCheckpoint(kept, signer.verifier());
    if (!opened.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--checkpoint: not a checkpoint that this log signed, so nothing was "
                       "checked: ",
                       opened.status().message()));
    }
    given = *std::move(opened);
  }
  ledger::Checkpoint checkpoint;
  const auto note = folder->ReadCheckpoint(signer.verifier(), &checkpoint);
  if (!note.ok()) report.problems.emplace_back(note.status().message());
  report.checkpoint_size = checkpoint.size;
  BlockFiles files(&fs, folder->blocks_dir());
  const auto scanned = LogScan::Run({.fs = &fs,
                                     .log_id = folder->meta().log_id,
                                     .checkpoint = checkpoint,
                                     .problems = &report.problems},
                                    &files);
  const bool whole = scanned.ok() && scanned->whole;
  if (scanned.ok()) {
    report.files = static_cast<uint64_t>(scanned->last_file + 1);
    report.torn_bytes = scanned->torn_bytes;
    if (whole) report.root = base::HexEncode(AsText(scanned->tree.Root()));
  } else {
    report.problems.emplace_back(scanned.status().message());
  }
  report.leaves = files.leaves();
  report.blocks = files.size();
  report.bytes = files.bytes();
  LogChecker checker(*folder, files, whole, &report);
  if (given.has_value()) {
    report.kept_size = given->size;
    checker.Expect(*given);
  }
  checker.Run();
  checker.CheckKept();
  checker.CheckRuns(
      IdentityRunFolder({.fs = &fs,
                         .dir = folder->identities_dir(),
                         .owner = IdentityRunOwner::Of(folder->meta().log_id, checker.hash())}));
  return report;
}

std::string ToText(const LogCheckReport& report) {
  std::string text = absl::StrCat(
      "log          ", report.log_id, " (", report.name, ")\n",  //
      "files        ", report.files, "\n",                       //
      "blocks       ", report.blocks, " (", report.bytes, " bytes)\n", "leaves       ",
      report.leaves, "\n",                   //
      "events       ", report.events, "\n",  //
      "waiting      ", report.waiting_refunds, " refunds whose original is not in the log\n",
      "identities   ", report.identities_in_runs, " in ", report.identity_runs, " runs on disk\n",
      "catalog      version ", report.catalog_version, "\n",                 //
      "root         ", report.root.empty() ? "unknown" : report.root, "\n",  //
      "checkpoint   ",
      report.checkpoint_size == 0 ? "none yet" : absl::StrCat(report.checkpoint_size, " leaves"),
      "\n");
  if (report.kept_size > 0) {
    absl::StrAppend(&text, "kept         ", report.kept_size,
                    " leaves of the checkpoint that was given\n");
  }
  if (report.torn_bytes > 0) {
    absl::StrAppend(&text, "torn         ", report.torn_bytes,
                    " bytes of a write that was never acknowledged; cut off at the next start\n");
  }
  for (const std::string& problem : report.problems) absl::StrAppend(&text, "BAD  ", problem, "\n");
  absl::StrAppend(&text, report.problems.empty() ? "good\n" : "damaged\n");
  return text;
}

}  // namespace tidemark::ingest
