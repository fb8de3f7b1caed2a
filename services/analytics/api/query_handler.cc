#include "services/analytics/api/query_handler.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/query/canonical.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/data_key.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/query/result.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kDefaultPageSize = 10'000;
constexpr uint32_t kMaxPageSize = 100'000;
constexpr size_t kMaxLanguageBytes = 35;
constexpr size_t kTableCacheBytes = size_t{128} << 20;

// All that decides the rows of the answer but the snapshot.
std::string Question(const rpc::Caller& caller, const v1::QueryRequest& request) {
  return absl::StrCat(caller.region_scope, "\n", tidemark::query::CanonicalText(request.query()));
}

absl::Status CheckRequest(const v1::QueryRequest& request) {
  if (!request.has_query()) {
    return status::InvalidArgument("query", "missing; say what to compute", "MISSING");
  }
  if (!IsKnownGrain(request.query())) {
    return status::InvalidArgument(
        "query.grain", absl::StrCat(static_cast<int>(request.query().grain()), " is no grain"),
        "UNKNOWN_GRAIN");
  }
  if (!v1::Geography_IsValid(request.query().geography())) {
    return status::InvalidArgument("query.geography", "unknown; want AT_EVENT",
                                   "UNKNOWN_GEOGRAPHY");
  }
  if (request.page_size() > kMaxPageSize) {
    return status::InvalidArgument(
        "page_size", absl::StrCat(request.page_size(), "; want at most ", kMaxPageSize),
        "PAGE_SIZE_INVALID");
  }
  const std::string& language = request.label_language();
  const bool well_formed = std::all_of(language.begin(), language.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (language.size() > kMaxLanguageBytes || !well_formed) {
    return status::InvalidArgument("label_language", "not a BCP 47 tag; want one like `zh`",
                                   "LANGUAGE_INVALID");
  }
  return absl::OkStatus();
}

}  // namespace

// A request after everything about it has been looked up.
struct QueryHandler::Asked {
  int64_t begun_nanos = 0;
  // Keeps the plan's calendar.
  std::shared_ptr<const Calendar> calendar;
  Plan plan;
  std::string question;
  std::string canonical_text;
  std::string table_key;
  uint64_t offset = 0;
  uint64_t page_size = kDefaultPageSize;
  std::string label_language;
  bool bypass_cache = false;

  std::string PageKey() const {
    return absl::StrCat("page ", offset, " ", page_size, " ", label_language, "\n", table_key);
  }
};

// A page as it is cached: three numbers of eight bytes, then the serialized Result.
struct QueryHandler::Page {
  uint64_t total_rows = 0;
  // Rows up to the end of this page.
  uint64_t end = 0;
  uint64_t effects_scanned = 0;
  std::string result;
  v1::CacheState origin = v1::CACHE_STATE_MISS;

  std::string Encode() const {
    const uint64_t numbers[] = {total_rows, end, effects_scanned};
    std::string bytes(reinterpret_cast<const char*>(numbers), sizeof(numbers));
    return bytes += result;
  }
  static std::optional<Page> Decode(std::string_view bytes) {
    uint64_t numbers[3];
    if (bytes.size() < sizeof(numbers)) return std::nullopt;
    std::memcpy(numbers, bytes.data(), sizeof(numbers));
    return Page{numbers[0], numbers[1], numbers[2], std::string(bytes.substr(sizeof(numbers)))};
  }
};

QueryHandler::QueryHandler(Options options)
    : options_(std::move(options)),
      resolver_(options_.store, options_.log_state),
      tables_(kTableCacheBytes) {}

absl::StatusOr<std::optional<PageToken>> QueryHandler::Token(
    const rpc::Caller& caller, const v1::QueryRequest& request) const {
  if (request.page_token().empty()) return std::optional<PageToken>();
  TM_ASSIGN_OR_RETURN(PageToken token,
                      PageToken::Decode(request.page_token(), Question(caller, request)));
  return std::optional<PageToken>(std::move(token));
}

absl::StatusOr<std::shared_ptr<const Calendar>> QueryHandler::CalendarOf(
    const catalog_client::CatalogView& view) {
  const catalog_client::Observatory* observatory = view.observatory();
  if (observatory == nullptr) return std::shared_ptr<const Calendar>();
  base::MutexLock lock(mutex_);
  std::shared_ptr<const Calendar>& calendar = calendars_[observatory->time_zone_name];
  if (calendar == nullptr) calendar = std::make_shared<const Calendar>(observatory->time_zone);
  return calendar;
}

absl::StatusOr<QueryHandler::Asked> QueryHandler::Prepare(const rpc::CallContext& call,
                                                          const v1::QueryRequest& request,
                                                          const std::optional<PageToken>& token) {
  Asked asked;
  asked.begun_nanos = options_.clock->MonotonicNanos();
  TM_RETURN_IF_ERROR(CheckRequest(request));
  TM_ASSIGN_OR_RETURN(const SnapshotInfo snapshot, resolver_.Resolve(request, token));
  absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> view =
      options_.catalog->ViewAt(snapshot.catalog_version);
  if (!view.ok()) {
    return status::WithReason(
        absl::UnavailableError(absl::StrCat("version ", snapshot.catalog_version,
                                            " of the catalog is not loaded yet; ask again")),
        "CATALOG_BEHIND");
  }
  TM_ASSIGN_OR_RETURN(asked.calendar, CalendarOf(**view));
  const std::string& scope = call.caller.region_scope;
  TM_ASSIGN_OR_RETURN(asked.plan,
                      MakePlan(FromProto(request.query()),
                               {.view = *view,
                                .calendar = asked.calendar.get(),
                                .snapshot = snapshot,
                                .event_times = options_.store->EventTimes(snapshot.log_size),
                                .region_scope = scope}));
  asked.question = Question(call.caller, request);
  asked.canonical_text = tidemark::query::CanonicalText(request.query());
  asked.table_key = DataKey(
      asked.plan, *options_.store, asked.canonical_text, scope,
      options_.catalog->LastVersionThatChanged(TypesRead(asked.plan), snapshot.catalog_version));
  if (token) asked.offset = token->offset;
  if (request.page_size() != 0) asked.page_size = request.page_size();
  asked.label_language = request.label_language();
  asked.bypass_cache = request.bypass_cache();
  return asked;
}

absl::StatusOr<QueryHandler::Page> QueryHandler::Compute(const rpc::CallContext& call,
                                                         const Asked& asked) {
  if (call.cancelled()) return absl::CancelledError("the caller is gone");
  std::shared_ptr<const Table> table;
  if (!asked.bypass_cache) table = tables_.Get(asked.table_key);
  if (table == nullptr) {
    TM_ASSIGN_OR_RETURN(Table made, Answer(asked.plan, *options_.store));
    table = std::make_shared<const Table>(std::move(made));
  }
  Page page;
  page.total_rows = table->row_count;
  page.effects_scanned = table->effects_scanned;
  v1::Result result;
  page.end = asked.offset + WritePage(*table, asked.plan, asked.offset, asked.page_size,
                                      asked.label_language, &result);
  if (!result.SerializeToString(&page.result)) {
    return absl::ResourceExhaustedError(
        "the page does not fit a message; take a smaller page_size");
  }
  if (page.end < page.total_rows && !asked.bypass_cache) tables_.Put(asked.table_key, table);
  return page;
}

absl::StatusOr<QueryHandler::Page> QueryHandler::Find(const rpc::CallContext& call,
                                                      const Asked& asked) {
  if (asked.bypass_cache || !options_.cache->enabled()) {
    TM_ASSIGN_OR_RETURN(Page page, Compute(call, asked));
    page.origin = v1::CACHE_STATE_BYPASSED;
    return page;
  }
  const std::string key = asked.PageKey();
  const auto open = [](std::string_view bytes) -> std::optional<Page> {
    std::optional<Page> page = Page::Decode(bytes);
    if (page) page->origin = v1::CACHE_STATE_HIT;
    return page;
  };
  if (std::optional<std::string> found = options_.cache->Get(key)) {
    if (std::optional<Page> page = open(*found)) return *std::move(page);
  }
  TM_ASSIGN_OR_RETURN(const redis::Answer answer,
                      flight_.Do(key, options_.flight_wait, [&]() -> absl::StatusOr<std::string> {
                        const int64_t begun = options_.clock->MonotonicNanos();
                        TM_ASSIGN_OR_RETURN(const Page page, Compute(call, asked));
                        std::string bytes = page.Encode();
                        const int64_t cost = options_.clock->MonotonicNanos() - begun;
                        if (cost >= absl::ToInt64Nanoseconds(options_.cache_from))
                          options_.cache->Put(key, bytes);
                        return bytes;
                      }));
  std::optional<Page> page = Page::Decode(answer.value);
  if (!page) return absl::InternalError("a computed page cannot be read back");
  return *std::move(page);
}

void QueryHandler::WriteMeta(const Asked& asked, const Page& page, v1::QueryMeta* meta) const {
  const SnapshotInfo& at = asked.plan.snapshot;
  meta->mutable_snapshot()->set_log_id(options_.store->log_id());
  meta->mutable_snapshot()->set_log_size(at.log_size);
  meta->mutable_snapshot()->set_catalog_version(at.catalog_version);
  meta->mutable_snapshot()->set_accepted_time_us(at.accepted_time_us);
  if (page.end < page.total_rows) {
    meta->set_next_page_token(
        PageToken{options_.store->log_id(), at.log_size, page.end}.Encode(asked.question));
  }
  meta->set_total_row_count(page.total_rows);
  meta->set_canonical_query(asked.canonical_text);
  meta->set_replica(options_.replica);
  meta->set_cache(page.origin);
  meta->set_effects_scanned(page.effects_scanned);
  meta->set_folded_size(options_.store->folded_size());
  meta->set_log_reachable(options_.log_state().reachable);
  meta->set_catalog_reachable(options_.catalog_reachable());
  meta->set_elapsed_us(static_cast<uint64_t>(options_.clock->MonotonicNanos() - asked.begun_nanos) /
                       1000);
}

absl::Status QueryHandler::Query(const rpc::CallContext& call, const v1::QueryRequest& request,
                                 const std::optional<PageToken>& token,
                                 v1::QueryResponse* response) {
  TM_ASSIGN_OR_RETURN(const Asked asked, Prepare(call, request, token));
  TM_ASSIGN_OR_RETURN(const Page page, Find(call, asked));
  (page.origin == v1::CACHE_STATE_HIT ? hits_ : misses_).fetch_add(1, std::memory_order_relaxed);
  if (!response->mutable_result()->ParseFromString(page.result)) {
    return absl::InternalError("a page cannot be read back");
  }
  WriteMeta(asked, page, response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
