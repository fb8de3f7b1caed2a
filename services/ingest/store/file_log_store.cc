#include "services/ingest/store/file_log_store.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/leaf.h"
#include "common/base/hex.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/checkpointer.h"
#include "services/ingest/store/closed_days.h"
#include "services/ingest/store/day_book.h"
#include "services/ingest/store/decoded_blocks.h"
#include "services/ingest/store/identity_rebuild.h"
#include "services/ingest/store/log_folder.h"
#include "services/ingest/store/log_identities.h"
#include "services/ingest/store/log_scan.h"
#include "services/ingest/store/refused_counts.h"
#include "services/ingest/store/sequencer.h"
#include "services/ingest/store/tree_nodes.h"

namespace tidemark::ingest {

// In the order of construction: each uses only what stands above it.
struct FileLogStore::Parts {
  Parts(const Options& options, std::unique_ptr<LogFolder> folder, ledger::NoteSigner signer)
      : folder(std::move(folder)),
        signer(std::move(signer)),
        salt_key(this->folder->keys().salt),
        hash(this->folder->keys().identity, options.fingerprint_mask_for_testing),
        files(options.fs, this->folder->blocks_dir()),
        nodes(&files, &salt_key),
        waiting(options.identity_memory / 8),
        log_id(base::HexEncode({reinterpret_cast<const char*>(this->folder->meta().log_id.data()),
                                this->folder->meta().log_id.size()})),
        verifier_key(this->signer.verifier().ToText()),
        opened_us(options.clock->NowMicros()) {}

  absl::Status Load(const Options& options);
  absl::Status OpenIdentities(const Options& options);
  void Start(const Options& options);
  void BecameDurable(const LogHead& head);
  LogHead Head() const {
    base::MutexLock lock(mutex);
    return durable;
  }

  const std::unique_ptr<LogFolder> folder;
  const ledger::NoteSigner signer;
  const ledger::HmacKey salt_key;
  const SipHash hash;
  BlockFiles files;
  TreeNodes nodes;
  std::unique_ptr<IdentityIndex> identities;
  WaitingRefunds waiting;
  ClosedDays closed_days;
  std::unique_ptr<RefusedCounts> refused;
  const std::string log_id;
  const std::string verifier_key;
  const int64_t opened_us;
  LogScan::Result scanned;
  std::optional<StoredCheckpoint> checkpoint;

  mutable base::Mutex mutex;
  LogHead durable ABSL_GUARDED_BY(mutex);
  std::function<void()> listener ABSL_GUARDED_BY(mutex);

  std::optional<GroupWriter> writer;
  std::optional<Sequencer> sequencer;
  std::optional<Checkpointer> checkpointer;
  std::optional<DayBook> day_book;
};

absl::Status FileLogStore::Parts::Load(const Options& options) {
  ledger::Checkpoint stored;
  TM_ASSIGN_OR_RETURN(std::optional<std::string> note,
                      folder->ReadCheckpoint(signer.verifier(), &stored));
  if (note.has_value()) {
    checkpoint = StoredCheckpoint{.note = *std::move(note),
                                  .size = stored.size,
                                  .root = stored.root,
                                  .accepted_time_us = stored.accepted_time_us};
  }
  TM_ASSIGN_OR_RETURN(
      scanned,
      LogScan::Run({.fs = options.fs, .log_id = folder->meta().log_id, .checkpoint = stored},
                   &files));
  TM_RETURN_IF_ERROR(OpenIdentities(options));
  TM_ASSIGN_OR_RETURN(
      const CatalogStamp marked,
      RebuildIdentity({.files = &files, .hash = &hash, .observer = options.observer},
                      identities.get(), &waiting, &closed_days));
  TM_ASSIGN_OR_RETURN(refused,
                      RefusedCounts::Open({.fs = options.fs, .path = folder->refused_path()}));
  // The only changes of the log, and only after everything else was found good.
  if (scanned.torn_bytes > 0) {
    TM_RETURN_IF_ERROR(LogScan::CutTorn(*options.fs, files, scanned));
    log::Warn("cut off a write that a crash had torn; none of it was acknowledged",
              {{"folder", options.dir}, {"bytes", scanned.torn_bytes}});
  }
  TM_RETURN_IF_ERROR(LogScan::MakeDurable(*options.fs, files, scanned, stored.size));
  base::MutexLock lock(mutex);
  durable = {.tree = scanned.tree, .accepted_time_us = scanned.accepted_time_us, .marked = marked};
  return absl::OkStatus();
}

absl::Status FileLogStore::Parts::OpenIdentities(const Options& options) {
  const auto read_log = [this](uint64_t begin, uint64_t end, IdentityTable* table) {
    return FillTable(files, hash, /*threads=*/2, begin, end, table);
  };
  TM_ASSIGN_OR_RETURN(
      identities,
      IdentityIndex::Open(
          {.frozen = {.folder = {.fs = options.fs,
                                 .dir = folder->identities_dir(),
                                 .owner = IdentityRunOwner::Of(folder->meta().log_id, hash)},
                      .read_log = read_log,
                      .table_entries = options.identity_table_entries_for_testing},
           .max_bytes = options.identity_memory},
          files.end_leaf()));
  return absl::OkStatus();
}

void FileLogStore::Parts::Start(const Options& options) {
  writer.emplace(
      GroupWriter::Options{.fs = options.fs,
                           .files = &files,
                           .roll_bytes = options.roll_bytes,
                           .last_file = scanned.last_file,
                           .last_file_bytes = scanned.last_file_bytes,
                           .on_durable = [this](const LogHead& head) { BecameDurable(head); },
                           .on_failure = [this] { sequencer->WriteFailed(); },
                           .on_rest = [this] { sequencer->WriterRests(); }});
  sequencer.emplace(Sequencer::Options{.clock = options.clock,
                                       .files = &files,
                                       .table = identities.get(),
                                       .waiting = &waiting,
                                       .closed_days = &closed_days,
                                       .hash = &hash,
                                       .salt_key = &salt_key,
                                       .writer = &*writer,
                                       .log_id = folder->meta().log_id,
                                       .head = Head(),
                                       .group_rows = options.group_rows});
  checkpointer.emplace(Checkpointer::Options{.folder = folder.get(),
                                             .signer = signer,
                                             .newest = checkpoint,
                                             .head = [this] { return Head(); },
                                             .interval = options.checkpoint_interval});
  day_book.emplace(DayBook::Options{.files = &files});
}

void FileLogStore::Parts::BecameDurable(const LogHead& head) {
  std::function<void()> call;
  {
    base::MutexLock lock(mutex);
    durable = head;
    call = listener;
  }
  identities->frozen().BecameDurable(head.size());
  if (call) call();
}

absl::StatusOr<std::unique_ptr<FileLogStore>> FileLogStore::Open(Options options) {
  TM_ASSIGN_OR_RETURN(auto folder, LogFolder::Open({.fs = options.fs,
                                                    .dir = options.dir,
                                                    .name = options.name,
                                                    .now_us = options.clock->NowMicros()}));
  auto signer = ledger::NoteSigner::FromText(folder->keys().signing);
  if (!signer.ok() || signer->verifier().name() != folder->meta().name) {
    return absl::DataLossError(absl::StrCat(options.dir,
                                            "/keys/signing.key is not the key of the log \"",
                                            folder->meta().name, "\"; restore it from a backup"));
  }
  auto parts = std::make_unique<Parts>(options, std::move(folder), *std::move(signer));
  TM_RETURN_IF_ERROR(parts->Load(options));
  parts->Start(options);
  return std::unique_ptr<FileLogStore>(new FileLogStore(std::move(parts)));
}

FileLogStore::FileLogStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FileLogStore::~FileLogStore() { Stop(); }

void FileLogStore::Stop() {
  parts_->sequencer->Stop();
  parts_->day_book->Stop();
}
absl::Status FileLogStore::SignCheckpoint() { return parts_->checkpointer->Sign(); }
const std::string& FileLogStore::pseudonym_key() const { return parts_->folder->keys().pseudonym; }
uint64_t FileLogStore::torn_bytes() const { return parts_->scanned.torn_bytes; }
const std::string& FileLogStore::log_id() const { return parts_->log_id; }
const std::string& FileLogStore::verifier_key() const { return parts_->verifier_key; }

LogState FileLogStore::state() const {
  LogState state;
  {
    base::MutexLock lock(parts_->mutex);
    state.size = parts_->durable.size();
    state.accepted_time_us = parts_->durable.accepted_time_us;
    state.durable_mark = parts_->durable.marked;
  }
  state.bytes = parts_->files.bytes();
  state.identities = parts_->identities->size();
  state.identity_bytes = parts_->identities->bytes();
  state.marked_version = parts_->sequencer->marked_version();
  state.sealed_reason = parts_->sequencer->sealed_reason();
  state.opened_us = parts_->opened_us;
  return state;
}

void FileLogStore::Append(AppendBatch* batch) { parts_->sequencer->Append(batch); }
void FileLogStore::MarkCatalog(const CatalogStamp& stamp) { parts_->sequencer->Mark(stamp); }

void FileLogStore::CountRefused(std::vector<RefusedCount> counts) { parts_->refused->Add(counts); }

void FileLogStore::ReadStatement(std::string source, int32_t day, absl::TimeZone zone,
                                 absl::AnyInvocable<void(absl::StatusOr<Statement>)> done) {
  parts_->day_book->Read(source, day, zone,
                         [refused = parts_->refused.get(), source, day,
                          done = std::move(done)](absl::StatusOr<Statement> statement) mutable {
                           if (statement.ok()) statement->refused = refused->Of(source, day);
                           done(std::move(statement));
                         });
}

void FileLogStore::FindEvents(
    std::string source, std::vector<std::string> ids,
    absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)> done) {
  parts_->sequencer->Find(source, ids, std::move(done));
}

absl::Status FileLogStore::ReadEvents(std::span<const uint64_t> leaves, const TakeEvent& take) {
  std::vector<size_t> order(leaves.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [leaves](size_t a, size_t b) { return leaves[a] < leaves[b]; });
  DecodedBlocks blocks(&parts_->files, /*capacity=*/1);
  std::string leaf;
  for (const size_t i : order) {
    TM_RETURN_IF_ERROR(CheckLeaf(leaves[i]));
    TM_ASSIGN_OR_RETURN(const ledger::EventRecord record, blocks.Event(leaves[i]));
    leaf.clear();
    TM_RETURN_IF_ERROR(ledger::EncodeLeaf(record, parts_->salt_key, &leaf));
    take(i, record, ledger::LeafHash(leaf));
  }
  return absl::OkStatus();
}

absl::StatusOr<BlockRef> FileLogStore::FindBlock(uint64_t leaf) const {
  TM_RETURN_IF_ERROR(CheckLeaf(leaf));
  return parts_->files.Find(leaf);
}

absl::Status FileLogStore::ReadBlock(const BlockRef& ref, char* out) const {
  return parts_->files.Read(ref, out);
}

void FileLogStore::SetSizeListener(std::function<void()> listener) {
  base::MutexLock lock(parts_->mutex);
  parts_->listener = std::move(listener);
}

absl::StatusOr<StoredCheckpoint> FileLogStore::NewestCheckpoint() {
  return parts_->checkpointer->Newest();
}

absl::Status FileLogStore::CheckLeaf(uint64_t leaf) const {
  const uint64_t size = parts_->Head().size();
  if (leaf < size) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("leaf: ", leaf, " is not in the log, which has ", size, " durable leaves"));
}

absl::Status FileLogStore::CheckSize(std::string_view field, uint64_t size) const {
  const uint64_t durable = parts_->Head().size();
  if (0 < size && size <= durable) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(
      field, ": ", size, ", want 1 to the number of durable leaves of the log, ", durable));
}

absl::StatusOr<std::string> FileLogStore::Leaf(uint64_t leaf) {
  TM_RETURN_IF_ERROR(CheckLeaf(leaf));
  DecodedBlocks blocks(&parts_->files, /*capacity=*/1);
  TM_ASSIGN_OR_RETURN(ledger::BlockReader * reader, blocks.BlockOf(leaf));
  const uint64_t row = leaf - reader->header().first_leaf;
  TM_ASSIGN_OR_RETURN(const uint8_t kind, reader->Kind(row));
  std::string bytes;
  if (kind == static_cast<uint8_t>(ledger::RecordKind::kEvent)) {
    TM_ASSIGN_OR_RETURN(const ledger::EventRecord record, reader->Record(row));
    TM_RETURN_IF_ERROR(ledger::EncodeLeaf(record, parts_->salt_key, &bytes));
  } else {
    TM_ASSIGN_OR_RETURN(const ledger::ControlRecord record, reader->Control(row));
    TM_RETURN_IF_ERROR(ledger::EncodeLeaf(record, reader->header().accepted_time_us, &bytes));
  }
  return bytes;
}

absl::StatusOr<std::vector<ledger::Hash>> FileLogStore::InclusionProof(uint64_t leaf,
                                                                       uint64_t size) {
  TM_RETURN_IF_ERROR(CheckSize("tree_size", size));
  return ledger::InclusionProof(leaf, size, parts_->nodes);
}

absl::StatusOr<std::vector<ledger::Hash>> FileLogStore::ConsistencyProof(uint64_t old_size,
                                                                         uint64_t new_size) {
  TM_RETURN_IF_ERROR(CheckSize("new_size", new_size));
  return ledger::ConsistencyProof(old_size, new_size, parts_->nodes);
}

absl::StatusOr<std::string> FileLogStore::SourceOf(uint64_t leaf) {
  TM_RETURN_IF_ERROR(CheckLeaf(leaf));
  DecodedBlocks blocks(&parts_->files, /*capacity=*/1);
  TM_ASSIGN_OR_RETURN(ledger::BlockReader * reader, blocks.BlockOf(leaf));
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn sources, reader->Text(ledger::Column::kSource));
  return std::string(sources[leaf - reader->header().first_leaf]);
}

}  // namespace tidemark::ingest
