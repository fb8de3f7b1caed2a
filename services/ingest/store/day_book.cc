#include "services/ingest/store/day_book.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/control.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

using ledger::Column;

absl::Status Stopping() {
  return absl::UnavailableError("the ingest service is shutting down; ask again");
}

template <typename Map>
auto ValueOr(const Map& map, int32_t day) {
  const auto it = map.find(day);
  return it == map.end() ? typename Map::mapped_type() : it->second;
}

}  // namespace

DayBook::DayBook(Options options)
    : options_(options), revisions_(options.files), thread_([this] { Run(); }) {}

DayBook::~DayBook() { Stop(); }

void DayBook::Read(std::string source, int32_t day, absl::TimeZone zone, Done done) {
  auto asked = std::make_unique<Asked>(Asked{.source = std::move(source),
                                             .day = day,
                                             .zone = zone,
                                             .end_leaf = options_.files->end_leaf(),
                                             .done = std::move(done),
                                             .patience = base::Countdown(options_.patience)});
  {
    base::MutexLock lock(mutex_);
    if (!stopping_) {
      asked_.push_back(std::move(asked));
      changed_.NotifyAll();
      return;
    }
  }
  asked->done(Stopping());
}

void DayBook::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

bool DayBook::Take(bool wait, Waiting* waiting) {
  base::MutexLock lock(mutex_);
  while (wait && asked_.empty() && !stopping_) changed_.Wait(mutex_);
  std::move(asked_.begin(), asked_.end(), std::back_inserter(*waiting));
  asked_.clear();
  return !stopping_;
}

void DayBook::Run() {
  ::pthread_setname_np(::pthread_self(), "log-day-book");
  Waiting waiting;
  // Counting goes on up to there, and settling to the last revision, though those who asked may
  // have lost patience.
  uint64_t goal = 0;
  const auto done = [&] { return counted_ >= goal && revisions_.empty(); };
  while (Take(/*wait=*/waiting.empty() && done(), &waiting)) {
    if (!waiting.empty()) SetZone(waiting.front()->zone);
    for (const auto& asked : waiting) goal = std::max(goal, asked->end_leaf);
    const auto counted = [&](const std::unique_ptr<Asked>& asked) {
      return asked->zone == zone_ && counted_ >= asked->end_leaf;
    };
    const bool answer =
        waiting.empty() ? counted_ >= goal : std::any_of(waiting.begin(), waiting.end(), counted);
    const absl::StatusOr<bool> more = Step(answer);
    if (!more.ok() || !*more) goal = 0;
    // What is left after an error is of no use.
    if (!more.ok()) revisions_.Clear();
    std::erase_if(waiting, [&](const std::unique_ptr<Asked>& asked) {
      if (!more.ok()) {
        asked->done(more.status());
      } else if (asked->zone == zone_ && (!*more || (counted(asked) && revisions_.empty()))) {
        asked->done(Answer(*asked));
      } else if (asked->patience.Left() <= absl::ZeroDuration()) {
        asked->done(NotReady());
      } else {
        return false;
      }
      return true;
    });
  }
  for (const auto& asked : waiting) asked->done(Stopping());
}

void DayBook::SetZone(absl::TimeZone zone) {
  if (days_ != nullptr && zone == zone_) return;
  zone_ = zone;
  days_ = std::make_unique<catalog_client::LocalDays>(zone);
  sources_.clear();
  revisions_.Clear();
  next_block_ = 0;
  counted_ = 0;
}

DayBook::SourceDays& DayBook::Of(std::string_view source) {
  auto it = sources_.find(source);
  if (it == sources_.end()) {
    it = sources_.emplace(std::string(source), std::make_unique<SourceDays>()).first;
  }
  return *it->second;
}

absl::StatusOr<bool> DayBook::Step(bool answer) {
  settling_ = !revisions_.empty() && (settling_ || answer || revisions_.full());
  if (!settling_) {
    TM_ASSIGN_OR_RETURN(const bool counted, CountBlock());
    if (counted || revisions_.empty()) return counted;
  }
  const absl::Status settled = revisions_.SettleBlock(*days_);
  if (settled.ok()) return true;
  days_ = nullptr;
  return settled;
}

absl::StatusOr<bool> DayBook::CountBlock() {
  const auto ref = options_.files->At(next_block_);
  if (!ref.has_value()) return false;
  bytes_.resize(ref->bytes);
  absl::Status good = options_.files->Read(*ref, bytes_.data());
  if (good.ok()) good = reader_.Reset(bytes_);
  if (good.ok()) good = CountEvents(reader_.header());
  if (good.ok() && reader_.Has(Column::kRecordKind)) good = CountCloses(reader_.header());
  if (!good.ok()) {
    // A part of the block may be counted: begin again when somebody asks next.
    days_ = nullptr;
    return status::Prefixed(
        absl::StrCat(options_.files->PathOf(ref->file), ", block at offset ", ref->offset), good);
  }
  ++next_block_;
  counted_ = ref->end_leaf();
  return true;
}

absl::Status DayBook::CountEvents(const ledger::BlockHeader& header) {
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn sources, reader_.Text(Column::kSource));
  TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader_.Small(Column::kKind));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn times, reader_.Integers(Column::kEventTime));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn amounts, reader_.Integers(Column::kAmount));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn numbers, reader_.Integers(Column::kRevision));
  TM_ASSIGN_OR_RETURN(const ledger::LinkColumn previous, reader_.Links(Column::kPreviousLeaf));
  const int32_t arrival_day = days_->DayOf(header.accepted_time_us);
  struct Met {
    SourceDays* days = nullptr;
    AcceptedCounts arrived;
  };
  std::vector<Met> met(sources.entries.size());
  for (size_t row = 0; row < reader_.size(); ++row) {
    const uint8_t kind = kinds.values[row];
    if (kind == 0) continue;  // no event
    Met& source = met[sources.index[row]];
    if (source.days == nullptr) source.days = &Of(sources[row]);
    const int64_t amount = amounts.values[row];
    const int32_t day = days_->DayOf(times.values[row]);
    EventDay& counts = source.days->by_event_day[day];
    counts.records.Add(kind, amount);
    source.arrived.Add(kind, amount);
    if (!previous.absent && previous.leaves[row] != ledger::kNoLeaf) {
      revisions_.Add({.previous_leaf = previous.leaves[row],
                      .amount = amount,
                      .days = &source.days->by_event_day,
                      .day = day,
                      .revision = static_cast<uint32_t>(numbers.values[row]),
                      .kind = kind});
    } else if (kind != static_cast<uint8_t>(ledger::EventKind::kVoid)) {
      counts.standing.Add(kind, amount);
    }
  }
  for (const Met& source : met) {
    if (source.days == nullptr) continue;
    AcceptedCounts& counts = source.days->by_arrival_day[arrival_day];
    counts.events += source.arrived.events;
    counts.gross += source.arrived.gross;
    counts.refunds += source.arrived.refunds;
  }
  return absl::OkStatus();
}

absl::Status DayBook::CountCloses(const ledger::BlockHeader& header) {
  TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader_.Small(Column::kRecordKind));
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn bodies, reader_.Text(Column::kControl));
  for (size_t row = 0; row < reader_.size(); ++row) {
    if (kinds.values[row] != static_cast<uint8_t>(ledger::RecordKind::kSourceDay)) continue;
    TM_ASSIGN_OR_RETURN(const ledger::SourceDay day, ledger::DecodeSourceDay(bodies[row]));
    Of(day.source).closes[day.day] = {.leaf = header.first_leaf + row,
                                      .accepted_time_us = header.accepted_time_us,
                                      .events = day.events,
                                      .gross = day.gross,
                                      .refunds = day.refunds};
  }
  return absl::OkStatus();
}

Statement DayBook::Answer(const Asked& asked) const {
  Statement statement{.log_size = counted_};
  const auto it = sources_.find(asked.source);
  if (it == sources_.end()) return statement;
  const EventDay counts = ValueOr(it->second->by_event_day, asked.day);
  statement.by_event_day = counts.records;
  statement.standing = counts.standing;
  statement.by_arrival_day = ValueOr(it->second->by_arrival_day, asked.day);
  const auto close = it->second->closes.find(asked.day);
  if (close != it->second->closes.end()) statement.close = close->second;
  return statement;
}

absl::Status DayBook::NotReady() const {
  return status::WithRetryAfter(
      status::WithReason(absl::UnavailableError(
                             absl::StrCat("the log is still being counted, ", counted_, " of ",
                                          options_.files->end_leaf(), " leaves so far; ask again")),
                         "STATEMENT_NOT_READY"),
      absl::Seconds(2));
}

}  // namespace tidemark::ingest
