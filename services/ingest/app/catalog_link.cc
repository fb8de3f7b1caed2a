#include "services/ingest/app/catalog_link.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

using catalog_client::CatalogView;

CatalogStamp StampOf(uint64_t version, const std::string& hash) {
  CatalogStamp stamp{.version = version};
  std::copy_n(hash.begin(), std::min(hash.size(), stamp.hash.size()), stamp.hash.begin());
  return stamp;
}

absl::Status NotYet(std::string_view what, std::string_view reason) {
  return status::WithRetryAfter(status::WithReason(absl::UnavailableError(what), reason),
                                absl::Seconds(1));
}

constexpr std::string_view kWhatToDo =
    "; restore the catalog from its newest backup, or start this service with the --data folder "
    "of the log that belongs to it";

absl::Status BehindLog(uint64_t version, const CatalogStamp& mark) {
  return status::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "the catalog is at version ", version, ", but events of this log were judged by version ",
          mark.version, ": the catalog has lost changes", kWhatToDo)),
      "CATALOG_BEHIND_LOG");
}

absl::Status Diverged(const CatalogStamp& mark) {
  return status::WithReason(
      absl::FailedPreconditionError(
          absl::StrCat("version ", mark.version,
                       " of the catalog is not the one that events of this log were judged by: "
                       "it is another catalog, or was changed after a restore",
                       kWhatToDo)),
      "CATALOG_DIVERGED");
}

}  // namespace

absl::StatusOr<std::unique_ptr<CatalogLink>> CatalogLink::Start(Options options) {
  auto link = std::unique_ptr<CatalogLink>(new CatalogLink(std::move(options)));
  link->binder_ = std::thread([link = link.get()] { link->RunBinder(); });
  TM_ASSIGN_OR_RETURN(
      link->watcher_,
      catalog_client::CatalogWatcher::Start(
          {.channel = link->options_.channel,
           .token = link->options_.token,
           .clock = link->options_.clock,
           .on_advance = [link = link.get()](const auto& view) { link->Advanced(view); }}));
  {
    base::MutexLock lock(link->mutex_);
    link->started_ = true;
  }
  link->changed_.NotifyAll();
  return link;
}

CatalogLink::CatalogLink(Options options)
    : options_(std::move(options)),
      mark_(options_.log->state().durable_mark),
      client_({.channel = options_.channel, .token = options_.token}) {}

CatalogLink::~CatalogLink() { Stop(); }

void CatalogLink::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (watcher_ != nullptr) watcher_->Stop();
  if (binder_.joinable()) binder_.join();
}

std::shared_ptr<const CatalogView> CatalogLink::newest() const { return watcher_->view(); }
absl::Duration CatalogLink::silence() const { return watcher_->silence(); }
bool CatalogLink::reachable() const { return watcher_->reachable(); }

absl::StatusOr<std::shared_ptr<const CatalogView>> CatalogLink::View() const {
  std::shared_ptr<const CatalogView> view = watcher_->view();
  TM_RETURN_IF_ERROR(CheckHistory(*view));
  if (view->version() == 0) {
    return NotYet(
        absl::StrCat("the catalog has not been read yet: ", watcher_->last_error().message(),
                     "; check that the catalog service runs at --catalog"),
        "CATALOG_NOT_LOADED");
  }
  const catalog_client::Observatory* observatory = view->observatory();
  if (observatory == nullptr) {
    return NotYet(
        "the catalog has no observatory yet; apply one (tidemark apply) before events "
        "are sent",
        "NO_OBSERVATORY");
  }
  if (observatory->log_id.empty()) {
    return NotYet("the observatory is about to be bound to this log; try again", "LOG_NOT_BOUND");
  }
  if (observatory->log_id == options_.log->log_id()) return view;
  return status::WithReason(
      absl::FailedPreconditionError(
          absl::StrCat("the observatory of the catalog is bound to log ", observatory->log_id,
                       ", this service holds log ", options_.log->log_id(),
                       "; start it with the --data folder of that log, or with another catalog")),
      "LOG_ID_MISMATCH");
}

absl::Status CatalogLink::CheckHistory(const CatalogView& view) const {
  if (view.version() < mark_.version) {
    if (watcher_->WaitUntilCurrent(absl::ZeroDuration()).ok()) {
      return BehindLog(view.version(), mark_);
    }
    const absl::Status away = watcher_->last_error();
    return NotYet(absl::StrCat("the catalog has not been read as far as version ", mark_.version,
                               " yet", away.ok() ? "; try again" : ": ", away.message()),
                  "CATALOG_NOT_LOADED");
  }
  if (mark_.version == 0) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::string hash, watcher_->history().HashAt(mark_.version));
  return StampOf(mark_.version, hash).hash == mark_.hash ? absl::OkStatus() : Diverged(mark_);
}

void CatalogLink::Advanced(const std::shared_ptr<const CatalogView>& view) {
  {
    // Start's caller may not have the watcher yet.
    base::MutexLock lock(mutex_);
    while (!started_ && !stopping_) changed_.Wait(mutex_);
    if (stopping_) return;
  }
  const absl::Status continues = CheckHistory(*view);
  if (!continues.ok()) {
    if (absl::IsFailedPrecondition(continues)) {
      log::Error("this catalog does not belong to the log; events are refused",
                 {{"error", continues}});
    }
    return;
  }
  const catalog_client::Observatory* observatory = view->observatory();
  if (observatory == nullptr) return;
  if (observatory->log_id == options_.log->log_id()) {
    options_.log->MarkCatalog(StampOf(view->version(), view->hash()));
    return;
  }
  if (!observatory->log_id.empty()) {
    log::Error("the observatory is bound to another log; events are refused",
               {{"catalog_log_id", observatory->log_id}, {"log_id", options_.log->log_id()}});
    return;
  }
  {
    base::MutexLock lock(mutex_);
    wants_binding_ = true;
  }
  changed_.NotifyAll();
}

void CatalogLink::RunBinder() {
  while (true) {
    {
      base::MutexLock lock(mutex_);
      while (!wants_binding_ && !stopping_) changed_.Wait(mutex_);
      if (stopping_) return;
      wants_binding_ = false;
    }
    catalog::v1::BindLogRequest request;
    request.set_log_id(options_.log->log_id());
    const auto bound = client_.BindLog(request);
    if (bound.ok()) {
      log::Info("bound the observatory to this log",
                {{"log_id", request.log_id()}, {"catalog_version", bound->version()}});
      continue;
    }
    log::Warn("the observatory could not be bound to this log yet", {{"error", bound.status()}});
    base::MutexLock lock(mutex_);
    wants_binding_ = true;
    if (!stopping_) changed_.WaitFor(mutex_, options_.retry);
  }
}

}  // namespace tidemark::ingest
