#include "services/analytics/api/watches.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/raw_unary.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/query/table_diff.h"
#include "tidemark/analytics/v1/watch.pb.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kDefaultIntervalMs = 1'000;
constexpr uint32_t kMinIntervalMs = 100;
constexpr uint32_t kMaxIntervalMs = 60'000;

v1::QueryRequest QueryOf(const v1::WatchRequest& request) {
  v1::QueryRequest query;
  if (request.has_query()) *query.mutable_query() = request.query();
  query.set_log_id(request.log_id());
  query.set_label_language(request.label_language());
  return query;
}

absl::Status TooManyRows(uint64_t rows, uint64_t most) {
  return status::WithReason(absl::ResourceExhaustedError(
                                absl::StrCat("the table watched has ", rows, " rows; want at most ",
                                             most, ": narrow the query, or set a limit")),
                            "TOO_MANY_ROWS");
}

}  // namespace

// One stream. Next() is called by one thread at a time.
class Watches::Source final : public rpc::StreamSource {
 public:
  Source(Watches* watches, const rpc::CallContext* call, const v1::WatchRequest& request,
         absl::Duration interval, std::shared_ptr<Entry> entry)
      : watches_(*watches),
        call_(*call),
        request_(QueryOf(request)),
        interval_nanos_(absl::ToInt64Nanoseconds(interval)),
        entry_(std::move(entry)) {}
  ~Source() override {
    watches_.Close(entry_);
    watches_.Recharge(charged_, 0);
  }

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override {
    entry_->waits.store(false);
    const int64_t now = watches_.options_.clock->MonotonicNanos();
    if (now < entry_->due_nanos.load()) return rpc::Pulled::kIdle;
    entry_->seen_size.store(watches_.options_.store->folded_size());
    entry_->due_nanos.store(now + interval_nanos_);
    absl::StatusOr<QueryHandler::Whole> whole =
        watches_.options_.queries->AskWhole(call_, request_, key_);
    // The catalog is not there yet: the next look may tell.
    if (absl::IsUnavailable(whole.status()) && told_ != nullptr) {
      entry_->seen_size.store(UINT64_MAX);
      return rpc::Pulled::kIdle;
    }
    if (!whole.ok()) return whole.status();
    key_ = whole->key;
    if (whole->table == nullptr) return rpc::Pulled::kIdle;
    return Tell(*whole, now, out);
  }

 private:
  absl::StatusOr<rpc::Pulled> Tell(const QueryHandler::Whole& whole, int64_t begun,
                                   grpc::ByteBuffer* out) {
    const Table& table = *whole.table;
    if (table.row_count > watches_.options_.max_rows) {
      return TooManyRows(table.row_count, watches_.options_.max_rows);
    }
    const bool first = told_ == nullptr;
    // Outlives what Keep() replaces.
    const std::shared_ptr<const Table> last = first ? std::make_shared<const Table>() : told_;
    const Table& before = *last;
    const TableDiff diff = DiffTables(before, table);
    TM_RETURN_IF_ERROR(Keep(whole.table));
    if (!first && diff.changed.empty() && diff.removed.empty()) return rpc::Pulled::kIdle;
    v1::WatchResponse response;
    TM_RETURN_IF_ERROR(
        WriteRows(whole, TakeRows(table, diff.changed, false), response.mutable_changed()));
    TM_RETURN_IF_ERROR(
        WriteRows(whole, TakeRows(before, diff.removed, true), response.mutable_removed()));
    v1::QueryMeta& meta = *response.mutable_meta();
    watches_.options_.queries->WriteReplicaMeta(whole.snapshot, &meta);
    meta.set_total_row_count(table.row_count);
    meta.set_canonical_query(whole.canonical_text);
    meta.set_cache(v1::CACHE_STATE_BYPASSED);
    meta.set_effects_scanned(table.effects_scanned);
    meta.set_elapsed_us(static_cast<uint64_t>(watches_.options_.clock->MonotonicNanos() - begun) /
                        1000);
    TM_RETURN_IF_ERROR(rpc::SerializeMessage(response, out));
    return rpc::Pulled::kMessage;
  }

  absl::Status Keep(std::shared_ptr<const Table> table) {
    const size_t bytes = BytesOf(*table);
    if (!watches_.Recharge(charged_, bytes)) {
      return status::WithReason(
          absl::ResourceExhaustedError(
              "all that is watched takes too much memory; narrow the query, or ask again later"),
          "WATCHES_FULL");
    }
    charged_ = bytes;
    told_ = std::move(table);
    return absl::OkStatus();
  }

  absl::Status WriteRows(const QueryHandler::Whole& whole, const Table& rows,
                         v1::Result* result) const {
    const uint64_t written =
        WritePage(rows, *whole.view, 0, rows.row_count, request_.label_language(), result);
    return written == rows.row_count ? absl::OkStatus() : TooManyRows(rows.row_count, written);
  }

  Watches& watches_;
  const rpc::CallContext& call_;
  const v1::QueryRequest request_;
  const int64_t interval_nanos_;
  const std::shared_ptr<Entry> entry_;
  // Of what was told last; null: nothing was.
  std::shared_ptr<const Table> told_;
  std::string key_;
  size_t charged_ = 0;
};

Watches::Watches(Options options)
    : options_(options), ticker_(options.tick, [this] { WakeDue(); }) {}

Watches::~Watches() = default;

absl::StatusOr<std::unique_ptr<rpc::StreamSource>> Watches::Open(
    const rpc::CallContext& call, const v1::WatchRequest& request,
    std::shared_ptr<rpc::StreamWaker> waker) {
  const uint32_t interval_ms =
      request.interval_ms() == 0 ? kDefaultIntervalMs : request.interval_ms();
  if (interval_ms < kMinIntervalMs || interval_ms > kMaxIntervalMs) {
    return status::InvalidArgument(
        "interval_ms", absl::StrCat(interval_ms, "; want ", kMinIntervalMs, " to ", kMaxIntervalMs),
        "INTERVAL_INVALID");
  }
  TM_RETURN_IF_ERROR(options_.queries->Check(call.caller, QueryOf(request)).status());
  auto entry = std::make_shared<Entry>();
  entry->waker = std::move(waker);
  {
    base::MutexLock lock(mutex_);
    entries_.insert(entry);
  }
  return std::make_unique<Source>(this, &call, request, absl::Milliseconds(interval_ms),
                                  std::move(entry));
}

size_t Watches::open() const {
  base::MutexLock lock(mutex_);
  return entries_.size();
}

void Watches::WakeDue() {
  const int64_t now = options_.clock->MonotonicNanos();
  const uint64_t size = options_.store->folded_size();
  std::vector<std::shared_ptr<Entry>> due;
  {
    base::MutexLock lock(mutex_);
    for (const std::shared_ptr<Entry>& entry : entries_) {
      if (due.size() == options_.most_per_tick) break;
      if (entry->seen_size.load() == size || entry->due_nanos.load() > now) continue;
      if (!entry->waits.exchange(true)) due.push_back(entry);
    }
  }
  for (const std::shared_ptr<Entry>& entry : due) entry->waker->Wake();
}

void Watches::Close(const std::shared_ptr<Entry>& entry) {
  base::MutexLock lock(mutex_);
  entries_.erase(entry);
}

bool Watches::Recharge(size_t before, size_t after) {
  const size_t total = bytes_.fetch_add(after - before) + after - before;
  if (after <= before || total <= options_.max_bytes) return true;
  bytes_.fetch_sub(after - before);
  return false;
}

}  // namespace tidemark::analytics
