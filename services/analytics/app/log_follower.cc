#include "services/analytics/app/log_follower.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/countdown.h"
#include "common/log/log.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/stream_reader.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/domain/catalog_hash.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::analytics {

namespace pb = ingest::v1;

namespace {

// How long one wait for the catalog or the disk lasts before stopping is looked at.
constexpr absl::Duration kPatience = absl::Milliseconds(200);
// A front may be behind its owner for a moment; a log that stays shorter than what was folded is
// another one.
constexpr int kTooShort = 5;

constexpr char kRewritten[] = "LOG_REWRITTEN";

absl::Status Rewritten(std::string_view how) {
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "the log is not the one that was folded: ", how,
          ", as after the restore of a backup older than what was folded; restore ingest's newest "
          "one, or stop this service, empty its --data folder and start it again")),
      kRewritten);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogFollower>> LogFollower::Start(Options options) {
  if (options.channel == nullptr || options.store == nullptr || options.clock == nullptr) {
    return absl::InvalidArgumentError("LogFollower: channel, store and clock are required");
  }
  std::unique_ptr<LogFollower> follower(new LogFollower(std::move(options)));
  follower->thread_ = std::thread([raw = follower.get()] { raw->Run(); });
  return follower;
}

LogFollower::LogFollower(Options options)
    : options_(std::move(options)),
      fold_(options_.store, options_.precedence),
      source_days_(options_.store, &fold_.links(), options_.catalog),
      last_error_(absl::UnavailableError("ingest has not answered yet")) {}

LogFollower::~LogFollower() { Stop(); }

void LogFollower::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
    changed_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool LogFollower::Pause(absl::Duration duration) {
  const base::Countdown countdown(duration);
  base::MutexLock lock(mutex_);
  while (!stopping_ && countdown.Left() > absl::ZeroDuration())
    changed_.WaitFor(mutex_, countdown.Left());
  return !stopping_;
}

void LogFollower::Run() {
  absl::Duration backoff = options_.initial_backoff;
  bool reported = false;
  for (;;) {
    const uint64_t before = options_.store->folded_size();
    const absl::Status status = Follow();
    {
      base::MutexLock lock(mutex_);
      if (options_.store->folded_size() != before) {
        backoff = options_.initial_backoff;
        reported = false;
      }
      connected_ = false;
      last_error_ = status;
      changed_.NotifyAll();
      if (stopping_) return;
    }
    // One line per outage, not one per attempt.
    if (!reported) {
      log::Warn("the log cannot be followed, answering from what is folded",
                {{"folded", options_.store->folded_size()}, {"error", status}});
    }
    reported = true;
    if (!Pause(backoff)) return;
    backoff = std::min(backoff * 2, options_.max_backoff);
  }
}

absl::Status LogFollower::Follow() {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options_.token, absl::InfiniteDuration());
  {
    base::MutexLock lock(mutex_);
    if (stopping_) return absl::CancelledError("the follower was stopped");
    context_ = &context;
  }
  pb::TailRequest request;
  // From the last block folded on: it tells whether what follows continues it.
  const uint64_t folded = options_.store->folded_size();
  repeats_last_ = folded > 0;
  request.set_from_leaf(repeats_last_ ? folded - 1 : 0);
  request.set_log_id(options_.store->log_id());
  const auto stub = pb::IngestService::NewStub(options_.channel);
  rpc::StreamReader<pb::TailResponse> reader;
  stub->async()->Tail(&context, &request, reader.reactor());
  reader.Start();
  pb::TailResponse response;
  absl::Status taken;
  while (taken.ok() && reader.Read(&response)) taken = Take(response);
  if (!taken.ok()) context.TryCancel();
  const absl::Status finished = reader.Finish();
  too_short_ = absl::IsOutOfRange(finished) ? too_short_ + 1 : 0;
  if (too_short_ >= kTooShort) {
    taken = Rewritten(absl::StrCat(folded, " records were folded, and it has fewer"));
  }
  SetStall(status::ReasonOf(taken) == kRewritten ? taken : absl::OkStatus());
  base::MutexLock lock(mutex_);
  context_ = nullptr;
  if (!taken.ok()) return taken;
  // Ingest ends a tail only when it shuts down.
  return finished.ok() ? absl::UnavailableError("ingest closed the tail") : finished;
}

absl::Status LogFollower::Take(const pb::TailResponse& response) {
  {
    base::MutexLock lock(mutex_);
    connected_ = true;
    last_error_ = absl::OkStatus();
    last_contact_nanos_ = options_.clock->MonotonicNanos();
    log_size_ = response.durable_size();
  }
  TM_RETURN_IF_ERROR(CompareFolded());
  if (!response.has_block()) return absl::OkStatus();
  const pb::Block& block = response.block();
  if (repeats_last_) {
    TM_RETURN_IF_ERROR(CheckLast(block.data()));
    repeats_last_ = false;
    SetStall(absl::OkStatus());
    return absl::OkStatus();
  }
  TM_RETURN_IF_ERROR(FoldBlock(block.data(), block.first_leaf(), block.record_count()));
  {
    base::MutexLock lock(mutex_);
    changed_.NotifyAll();
  }
  if (options_.on_advance) options_.on_advance();
  return absl::OkStatus();
}

// The moment tells a block from the one that took its place: only where the clock has stood since
// the backup, as after a step back, may both have the same.
absl::Status LogFollower::CheckLast(std::string_view bytes) const {
  TM_ASSIGN_OR_RETURN(const ledger::BlockHeader header, ledger::PeekHeader(bytes));
  const uint64_t folded = options_.store->folded_size();
  TM_ASSIGN_OR_RETURN(const SnapshotInfo last, options_.store->Snapshot(folded));
  if (header.end_leaf() == folded && header.accepted_time_us == last.accepted_time_us) {
    return absl::OkStatus();
  }
  return Rewritten(absl::StrCat("record ", folded - 1, " was accepted at ", last.accepted_time_us,
                                " µs when it was folded, and at ", header.accepted_time_us,
                                " µs in a block that ends at ", header.end_leaf(), " now"));
}

absl::Status LogFollower::FoldBlock(std::string_view bytes, uint64_t first_leaf,
                                    uint32_t record_count) {
  TM_RETURN_IF_ERROR(reader_.Reset(bytes));
  if (reader_.header().first_leaf != first_leaf || reader_.header().record_count != record_count) {
    return absl::DataLossError(absl::StrCat(
        "the block announced at leaf ", first_leaf, " with ", record_count, " records holds ",
        reader_.header().record_count, " from leaf ", reader_.header().first_leaf));
  }
  TM_ASSIGN_OR_RETURN(const std::vector<EffectBatch::Mark> marks, Fold::MarksOf(reader_));
  TM_RETURN_IF_ERROR(WaitForCatalog(marks));
  EffectBatch batch;
  TM_RETURN_IF_ERROR(fold_.Read(reader_, &batch));
  TM_RETURN_IF_ERROR(ReadSourceDays(&batch));
  return Append(batch);
}

// Waits while questions of others have all the memory there is for them.
absl::Status LogFollower::ReadSourceDays(EffectBatch* batch) {
  absl::Status status = source_days_.Read(reader_, batch);
  while (absl::IsResourceExhausted(status)) {
    SetStall(status);
    if (!Pause(kPatience)) return absl::CancelledError("the follower was stopped");
    status = source_days_.Read(reader_, batch);
  }
  SetStall(absl::OkStatus());
  return status;
}

absl::Status LogFollower::WaitForCatalog(std::span<const EffectBatch::Mark> marks) {
  if (!loaded_) {
    // What was folded before the start is judged on by the catalog of its last mark.
    TM_ASSIGN_OR_RETURN(const SnapshotInfo folded,
                        options_.store->Snapshot(options_.store->folded_size()));
    TM_RETURN_IF_ERROR(WaitForVersion(folded.catalog_version));
    loaded_ = true;
  }
  if (marks.empty()) return absl::OkStatus();
  TM_RETURN_IF_ERROR(WaitForVersion(marks.back().version));
  for (const EffectBatch::Mark& mark : marks)
    TM_RETURN_IF_ERROR(CompareCatalog(mark.version, mark.hash));
  return absl::OkStatus();
}

absl::Status LogFollower::WaitForVersion(uint64_t version) {
  if (!options_.wait_for_catalog || version == 0) return absl::OkStatus();
  // Most often it is there already.
  absl::Status status = options_.wait_for_catalog(version, absl::Milliseconds(1));
  while (absl::IsDeadlineExceeded(status)) {
    SetStall(absl::UnavailableError(
        absl::StrCat("what comes next in the log was judged by version ", version,
                     " of the catalog, which has not been read (", status.message(),
                     "); if it stays so, the catalog was restored from a backup older than the "
                     "log: restore its newest")));
    // The log's clock goes on while we wait: that is not ingest's silence.
    if (!Pause(absl::Milliseconds(1))) return absl::CancelledError("the follower was stopped");
    status = options_.wait_for_catalog(version, kPatience);
  }
  SetStall(absl::OkStatus());
  return status;
}

// What an earlier process folded was judged by the catalog of its time. Hashes are chained, so the
// last mark speaks for those before it.
absl::Status LogFollower::CompareFolded() {
  if (compared_ || !options_.catalog_hash) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const SnapshotInfo folded,
                      options_.store->Snapshot(options_.store->folded_size()));
  // The catalog may be away: then with the next message.
  if (!options_.catalog_hash(folded.catalog_version).ok()) return absl::OkStatus();
  TM_RETURN_IF_ERROR(CompareCatalog(folded.catalog_version, folded.catalog_hash));
  compared_ = true;
  return absl::OkStatus();
}

// Stands still for as long as the catalog is another one: nothing that is folded could be judged.
absl::Status LogFollower::CompareCatalog(uint64_t version, const CatalogHash& hash) {
  if (!options_.catalog_hash) return absl::OkStatus();
  for (;;) {
    TM_ASSIGN_OR_RETURN(const std::string found, options_.catalog_hash(version));
    const absl::Status same = CheckCatalogHash(version, hash, found);
    SetStall(same);
    if (same.ok()) return absl::OkStatus();
    if (!Pause(kPatience)) return absl::CancelledError("the follower was stopped");
  }
}

absl::Status LogFollower::Append(const EffectBatch& batch) {
  absl::Status status = options_.store->Append(batch);
  while (absl::IsResourceExhausted(status)) {
    SetStall(status);
    if (!Pause(kPatience)) return absl::CancelledError("the follower was stopped");
    status = options_.store->Append(batch);
  }
  SetStall(absl::OkStatus());
  return status;
}

void LogFollower::SetStall(absl::Status reason) {
  base::MutexLock lock(mutex_);
  if (stall_.ok() && !reason.ok()) {
    log::Warn("folding waits", {{"folded", options_.store->folded_size()}, {"reason", reason}});
  }
  stall_ = std::move(reason);
  last_contact_nanos_ = options_.clock->MonotonicNanos();
}

absl::Status LogFollower::last_error() const {
  base::MutexLock lock(mutex_);
  if (!last_error_.ok() || !connected_) return last_error_;
  const int64_t silence = options_.clock->MonotonicNanos() - last_contact_nanos_;
  if (absl::Nanoseconds(silence) <= options_.silence_limit) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("ingest has been silent for ",
                                             absl::FormatDuration(absl::Nanoseconds(silence))));
}

uint64_t LogFollower::log_size() const {
  base::MutexLock lock(mutex_);
  return log_size_;
}

absl::Status LogFollower::stall() const {
  base::MutexLock lock(mutex_);
  return stall_;
}

absl::Status LogFollower::WaitForSize(uint64_t size, absl::Duration timeout) {
  const base::Countdown countdown(timeout);
  base::MutexLock lock(mutex_);
  while (options_.store->folded_size() < size) {
    if (stopping_) return absl::CancelledError("the follower was stopped");
    const absl::Duration left = countdown.Left();
    if (left <= absl::ZeroDuration()) {
      const absl::Status& why = stall_.ok() ? last_error_ : stall_;
      return absl::DeadlineExceededError(absl::StrCat(
          "log size ", size, " not folded within ", absl::FormatDuration(timeout), " (have ",
          options_.store->folded_size(), why.ok() ? "" : "; ", std::string(why.message()), ")"));
    }
    // Infinite durations overflow the system's wait.
    changed_.WaitFor(mutex_, std::min(left, absl::Hours(24)));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
