#include "clients/cpp/grants/use_meter.h"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "common/base/countdown.h"
#include "common/log/log.h"
#include "common/status/error.h"

namespace tidemark::grants {
namespace {

namespace pb = catalog::v1;

constexpr int kMaxUses = 10'000;
constexpr size_t kMaxTotals = 10'000;
constexpr absl::Duration kRetryPause = absl::Milliseconds(100);
constexpr std::string_view kPrefix = "grants/";

// The same batch would be refused again: the catalog found a fault in it, or was replaced.
bool IsFinal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsOutOfRange(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

absl::StatusOr<std::string> DrawReporter() {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
    return absl::UnavailableError("the system gives no random bytes; start again");
  }
  return absl::BytesToHexString({reinterpret_cast<const char*>(bytes), sizeof(bytes)});
}

UseReservation& UseReservation::operator=(UseReservation&& other) noexcept {
  if (this == &other) return *this;
  Release();
  meter_ = std::exchange(other.meter_, nullptr);
  grant_ = std::move(other.grant_);
  day_ = other.day_;
  purpose_ = other.purpose_;
  units_ = other.units_;
  return *this;
}

void UseReservation::Commit() {
  if (UseMeter* meter = std::exchange(meter_, nullptr)) meter->Commit(*this);
}

void UseReservation::Release() {
  if (UseMeter* meter = std::exchange(meter_, nullptr)) meter->Release(*this);
}

UseMeter::UseMeter(Options options) : options_(std::move(options)) {
  batch_.set_reporter(options_.reporter);
  if (options_.interval == absl::InfiniteDuration()) return;
  ticker_ = std::make_unique<base::Ticker>(options_.interval, [this] { Flush().IgnoreError(); });
}

UseMeter::~UseMeter() { Stop(); }

std::optional<uint64_t> UseMeter::Used(std::string_view grant) const {
  base::MutexLock lock(mutex_);
  const auto it = accounts_.find(grant);
  if (it == accounts_.end() || !it->second.total) return std::nullopt;
  return it->second.Used();
}

absl::StatusOr<std::optional<UseReservation>> UseMeter::Reserve(std::string_view grant,
                                                                uint64_t allowance,
                                                                absl::CivilDay day, int purpose,
                                                                uint64_t units) {
  base::MutexLock lock(mutex_);
  if (open_.size() + reservations_ >= options_.max_sums) {
    return status::WithRetryAfter(
        status::WithReason(absl::ResourceExhaustedError(
                               "too much use waits to be reported to the catalog; check that it "
                               "runs, then try again"),
                           "USE_METER_FULL"),
        absl::Seconds(1));
  }
  Account& account = accounts_[grant];
  if (allowance > 0) {
    if (!account.total) {
      wanted_.emplace(grant);
      return std::nullopt;
    }
    if (account.Used() + units > allowance) return std::nullopt;
  }
  account.reserved += units;
  ++reservations_;
  UseReservation use;
  use.meter_ = this;
  use.grant_ = std::string(grant);
  use.day_ = day;
  use.purpose_ = purpose;
  use.units_ = units;
  return std::optional<UseReservation>(std::move(use));
}

void UseMeter::Commit(const UseReservation& use) {
  base::MutexLock lock(mutex_);
  --reservations_;
  Account& account = accounts_[use.grant_];
  account.reserved -= use.units_;
  account.unreported += use.units_;
  open_[Key(use.grant_, use.day_, use.purpose_)] += use.units_;
}

void UseMeter::Release(const UseReservation& use) {
  base::MutexLock lock(mutex_);
  --reservations_;
  accounts_[use.grant_].reserved -= use.units_;
}

void UseMeter::WantTotals() {
  if (options_.view == nullptr) return;
  std::shared_ptr<const catalog_client::CatalogView> view = options_.view();
  flush_mutex_.AssertHeld();
  if (view == nullptr || (asked_view_ != nullptr && &asked_view_->grants() == &view->grants())) {
    return;
  }
  base::MutexLock lock(mutex_);
  for (const catalog_client::Grant& grant : view->grants().items()) {
    if (grant.allowance == 0 || grant.revoked) continue;
    const auto it = accounts_.find(grant.id);
    if (it == accounts_.end() || !it->second.total) wanted_.insert(grant.id);
  }
  // Kept so that its tables, by whose address it is known, are not freed.
  asked_view_ = std::move(view);
}

bool UseMeter::MakeBatch() {
  if (batch_.uses().empty() && !open_.empty()) {
    batch_.set_batch(++last_batch_);
    while (!open_.empty() && batch_.uses_size() < kMaxUses) {
      const auto node = open_.extract(open_.begin());
      const auto& [grant, day, purpose] = node.key();
      pb::GrantUse& use = *batch_.add_uses();
      use.set_grant(absl::StrCat(kPrefix, grant));
      use.mutable_day()->set_year(static_cast<int32_t>(day.year()));
      use.mutable_day()->set_month(day.month());
      use.mutable_day()->set_day(day.day());
      use.set_purpose(static_cast<type::v1::Purpose>(purpose));
      use.set_units(node.mapped());
    }
  }
  batch_.clear_totals_of();
  for (const std::string& grant : wanted_) {
    if (static_cast<size_t>(batch_.totals_of_size()) >= kMaxTotals) break;
    batch_.add_totals_of(absl::StrCat(kPrefix, grant));
  }
  return batch_.uses_size() + batch_.totals_of_size() > 0;
}

absl::Status UseMeter::Flush() {
  base::MutexLock flush_lock(flush_mutex_);
  WantTotals();
  pb::ReportUseRequest request;
  {
    base::MutexLock lock(mutex_);
    if (!MakeBatch()) return absl::OkStatus();
    request = batch_;
  }
  absl::StatusOr<pb::ReportUseResponse> response = options_.report(request);
  if (response.ok()) {
    Take(*response);
    failing_ = false;
    return absl::OkStatus();
  }
  Fail(response.status());
  return response.status();
}

void UseMeter::Take(const pb::ReportUseResponse& response) {
  base::MutexLock lock(mutex_);
  DropBatch();
  // Those that the catalog does not have are not asked for again.
  for (const std::string& name : batch_.totals_of()) wanted_.erase(name.substr(kPrefix.size()));
  batch_.clear_totals_of();
  for (const pb::GrantTotal& total : response.totals()) {
    accounts_[total.grant().substr(std::min(kPrefix.size(), total.grant().size()))].total =
        total.units();
  }
}

void UseMeter::DropBatch() {
  for (const pb::GrantUse& use : batch_.uses()) {
    accounts_[use.grant().substr(kPrefix.size())].unreported -= use.units();
  }
  batch_.clear_uses();
}

void UseMeter::Fail(const absl::Status& status) {
  flush_mutex_.AssertHeld();
  base::MutexLock lock(mutex_);
  if (IsFinal(status)) {
    for (const pb::GrantUse& use : batch_.uses()) {
      log::Error("the catalog refuses a report of use; it is not counted",
                 {{"grant", use.grant()}, {"units", use.units()}, {"error", status}});
    }
    DropBatch();
  } else if (!failing_) {
    // One line per outage.
    log::Warn("use cannot be reported to the catalog; it is kept and reported later",
              {{"error", status}});
  }
  failing_ = true;
}

uint64_t UseMeter::unreported() const {
  base::MutexLock lock(mutex_);
  uint64_t units = 0;
  for (const auto& [key, open] : open_) units += open;
  for (const pb::GrantUse& use : batch_.uses()) units += use.units();
  return units;
}

void UseMeter::Stop() {
  ticker_.reset();
  base::Mutex pause_mutex;
  base::CondVar never;
  const base::Countdown countdown(options_.stop_patience);
  while (unreported() > 0) {
    if (Flush().ok()) continue;
    if (countdown.Left() <= absl::ZeroDuration()) break;
    base::MutexLock lock(pause_mutex);
    never.WaitFor(pause_mutex, std::min(kRetryPause, countdown.Left()));
  }
  if (const uint64_t left = unreported(); left > 0) {
    log::Error("use that the catalog could not be told of is lost", {{"units", left}});
    base::MutexLock lock(mutex_);
    open_.clear();
    DropBatch();
  }
}

}  // namespace tidemark::grants
