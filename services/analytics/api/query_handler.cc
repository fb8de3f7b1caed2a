#include "services/analytics/api/query_handler.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/query/canonical.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/data_key.h"
#include "services/analytics/api/label_language.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/api/query_parts.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/api/snapshot_convert.h"
#include "services/analytics/domain/catalog_hash.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/query/open_codes.h"
#include "services/analytics/statistics/denominators/load_denominators.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

namespace tidemark::analytics {
namespace {

constexpr uint32_t kMaxPageSize = 100'000;
constexpr size_t kTableCacheBytes = size_t{128} << 20;

constexpr char kMethod[] = "/tidemark.analytics.v1.AnalyticsService/Query";
// `dataAssets/` and an id.
constexpr size_t kMaxAssetBytes = 74;

// All that decides the rows of the answer but the snapshot.
std::string Question(std::string_view scope, std::string_view canonical_text) {
  return absl::StrCat(scope, "\n", canonical_text);
}

// What the caller is confined to: the region of the token, and the asset in a state of it. Null:
// none is used.
std::string ScopeOf(const rpc::Caller& caller, std::string_view asset,
                    const catalog_client::DataAsset* state) {
  if (asset.empty()) return caller.region_scope;
  return absl::StrCat(caller.region_scope, "\n", asset, "@", state == nullptr ? 0 : state->version);
}

std::string ScopeOf(const rpc::Caller& caller, const v1::QueryRequest& request,
                    const catalog_client::CatalogView& view) {
  constexpr std::string_view kPrefix = "dataAssets/";
  if (!request.asset().starts_with(kPrefix)) return ScopeOf(caller, request.asset(), nullptr);
  const std::string_view id = std::string_view(request.asset()).substr(kPrefix.size());
  return ScopeOf(caller, request.asset(), view.assets().Find(id));
}

absl::Status CheckAsset(const rpc::Caller& caller, const v1::QueryRequest& request) {
  if (request.asset().empty()) {
    if (access::MayAskWithoutAsset(caller, kMethod)) return absl::OkStatus();
    return status::InvalidArgument(
        "asset", "missing; role grantee asks by a shared asset, dataAssets/ID, and a purpose",
        "ASSET_REQUIRED");
  }
  if (request.asset().size() > kMaxAssetBytes) {
    return status::InvalidArgument("asset", "too long; want dataAssets/ID", "INVALID_NAME");
  }
  if (!type::v1::Purpose_IsValid(request.purpose()) ||
      request.purpose() == type::v1::PURPOSE_UNSPECIFIED) {
    return status::InvalidArgument("purpose",
                                   "missing or unknown; say what the asset is used for, such as "
                                   "RESEARCH",
                                   "INVALID_PURPOSE");
  }
  return absl::OkStatus();
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
  if (request.page_size() > kMaxPageSize) {
    return status::InvalidArgument(
        "page_size", absl::StrCat(request.page_size(), "; want at most ", kMaxPageSize),
        "PAGE_SIZE_INVALID");
  }
  return CheckLabelLanguage(request.label_language());
}

}  // namespace

absl::Status TooManyQueries() {
  return status::WithRetryAfter(
      status::WithReason(absl::ResourceExhaustedError("too many queries at once; ask again"),
                         "OVERLOADED"),
      absl::Milliseconds(100));
}

// A call on its way, kept alive by whoever goes on with it.
struct QueryHandler::Task {
  // Valid until `done` is called.
  const rpc::CallContext* call;
  Asked asked;
  Done done;

  size_t Bytes() const {
    return sizeof(Task) + asked.plan.periods.size() * sizeof(PlannedPeriod) +
           2 * call->request_bytes + 3 * asked.canonical_text.size();
  }
};

QueryHandler::QueryHandler(Options options)
    : options_(std::move(options)),
      resolver_(options_.store, options_.log_state),
      flight_(options_.max_waiting_bytes),
      tables_(kTableCacheBytes) {}

absl::StatusOr<std::optional<PageToken>> QueryHandler::Check(const rpc::Caller& caller,
                                                             const v1::QueryRequest& request) {
  TM_RETURN_IF_ERROR(CheckAsset(caller, request));
  TM_RETURN_IF_ERROR(CheckRequest(request));
  // Zone and so the names of periods never change once there are records.
  const std::shared_ptr<const Calendar> calendar = CalendarOf(*options_.catalog->Newest());
  TM_RETURN_IF_ERROR(CheckWords(FromProto(request.query()), calendar.get()));
  std::optional<PageToken> token;
  if (!request.page_token().empty()) {
    const std::string question = Question(ScopeOf(caller, request, *options_.catalog->Newest()),
                                          tidemark::query::CanonicalText(request.query()));
    TM_ASSIGN_OR_RETURN(token, PageToken::Decode(request.page_token(), question));
  }
  TM_RETURN_IF_ERROR(resolver_.Check(request, token));
  return token;
}

absl::StatusOr<std::shared_ptr<const Calendar>> QueryHandler::CalendarAt(
    const catalog_client::CatalogView& view) const {
  if (std::shared_ptr<const Calendar> calendar = CalendarOf(view)) return calendar;
  return NoObservatory();
}

std::shared_ptr<const Calendar> QueryHandler::CalendarOf(
    const catalog_client::CatalogView& view) const {
  const catalog_client::Observatory* observatory = view.observatory();
  if (observatory == nullptr) return nullptr;
  base::MutexLock lock(mutex_);
  std::shared_ptr<const Calendar>& calendar = calendars_[observatory->time_zone_name];
  if (calendar == nullptr) calendar = std::make_shared<const Calendar>(observatory->time_zone);
  return calendar;
}

absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> QueryHandler::CatalogAt(
    const SnapshotInfo& snapshot) const {
  absl::StatusOr<std::shared_ptr<const catalog_client::CatalogView>> view =
      options_.catalog->ViewAt(snapshot.catalog_version);
  if (!view.ok()) {
    return status::WithReason(
        absl::UnavailableError(absl::StrCat("version ", snapshot.catalog_version,
                                            " of the catalog is not loaded yet; ask again")),
        "CATALOG_BEHIND");
  }
  TM_ASSIGN_OR_RETURN(const std::string hash, options_.catalog->HashAt(snapshot.catalog_version));
  const absl::Status same = CheckCatalogHash(snapshot.catalog_version, snapshot.catalog_hash, hash);
  if (!same.ok()) return status::WithReason(same, "CATALOG_MISMATCH");
  return view;
}

absl::StatusOr<grants::PermittedUse> QueryHandler::Permit(const rpc::Caller& caller,
                                                          const v1::QueryRequest& request) const {
  if (options_.grant_checker == nullptr) {
    return status::WithReason(absl::PermissionDeniedError("this service shares no assets"),
                              "ASSET_NOT_SHARED");
  }
  return options_.grant_checker->Permit(request.asset(), caller.acts_for, request.purpose(), 1);
}

absl::StatusOr<QueryHandler::Asked> QueryHandler::Prepare(const rpc::CallContext& call,
                                                          const v1::QueryRequest& request,
                                                          const std::optional<PageToken>& token) {
  Asked asked;
  asked.begun_nanos = options_.clock->MonotonicNanos();
  std::optional<AssetScope> shared;
  if (!request.asset().empty()) {
    TM_ASSIGN_OR_RETURN(asked.permitted, Permit(call.caller, request));
    TM_ASSIGN_OR_RETURN(shared, AssetScopeOf(*asked.permitted.asset));
  }
  TM_ASSIGN_OR_RETURN(const SnapshotInfo snapshot, resolver_.Resolve(request, token));
  TM_ASSIGN_OR_RETURN(const auto view, CatalogAt(snapshot));
  asked.calendar = CalendarOf(*view);
  asked.scope = ScopeOf(call.caller, request.asset(), asked.permitted.asset);
  TM_ASSIGN_OR_RETURN(asked.plan,
                      MakePlan(FromProto(request.query()),
                               {.view = view,
                                .calendar = asked.calendar.get(),
                                .snapshot = snapshot,
                                .event_times = options_.store->EventTimes(snapshot.log_size),
                                .region_scope = call.caller.region_scope,
                                .asset = shared ? &*shared : nullptr,
                                .source_days = options_.source_days}));
  // Which codes others reported is nothing that a confined caller is told.
  if (asked.scope.empty()) TM_RETURN_IF_ERROR(CheckOpenCodes(asked.plan, *options_.store));
  asked.canonical_text = tidemark::query::CanonicalText(request.query());
  if (token) asked.offset = token->offset;
  if (request.page_size() != 0) asked.page_size = request.page_size();
  asked.label_language = request.label_language();
  asked.bypass_cache = request.bypass_cache();
  return asked;
}

absl::StatusOr<QueryHandler::Identity> QueryHandler::IdentityOf(const Plan& plan,
                                                                std::string_view canonical_text,
                                                                std::string_view scope) const {
  // Which version last changed an official figure, the history does not know.
  const uint64_t changed = plan.NeedsDenominators()
                               ? plan.snapshot.catalog_version
                               : options_.catalog->LastVersionThatChanged(
                                     TypesRead(plan), plan.snapshot.catalog_version);
  TM_ASSIGN_OR_RETURN(const std::string changed_hash, options_.catalog->HashAt(changed));
  return Identity{DataKey(plan, *options_.store, canonical_text, scope, changed, changed_hash),
                  changed};
}

absl::Status QueryHandler::MakeTableKey(Asked* asked) const {
  TM_ASSIGN_OR_RETURN(Identity identity,
                      IdentityOf(asked->plan, asked->canonical_text, asked->scope));
  asked->table_key = std::move(identity.key);
  return absl::OkStatus();
}

absl::StatusOr<Table> QueryHandler::MakeAnswer(const rpc::CallContext& call, Plan* plan) const {
  const auto stop = [&call] {
    return call.cancelled() ? absl::CancelledError("the caller is gone") : absl::OkStatus();
  };
  TM_RETURN_IF_ERROR(stop());
  TM_RETURN_IF_ERROR(LoadDenominators(options_.official, plan));
  return Answer(*plan, *options_.store, stop);
}

absl::StatusOr<QueryHandler::Page> QueryHandler::Compute(const rpc::CallContext& call,
                                                         Asked* asked) {
  std::shared_ptr<const Table> table;
  if (!asked->bypass_cache) table = tables_.Get(asked->table_key);
  const bool kept = table != nullptr;
  if (!kept) {
    TM_ASSIGN_OR_RETURN(Table made, MakeAnswer(call, &asked->plan));
    table = std::make_shared<const Table>(std::move(made));
  }
  TM_ASSIGN_OR_RETURN(Page page, MakePage(*asked, *table));
  page.origin = kept ? v1::CACHE_STATE_LOCAL : v1::CACHE_STATE_MISS;
  if (page.end < page.total_rows && !asked->bypass_cache) tables_.Put(asked->table_key, table);
  return page;
}

absl::StatusOr<QueryHandler::Page> QueryHandler::ComputeIfQuick(const Asked& asked) const {
  if (asked.plan.NeedsDenominators()) return absl::AbortedError("a call to the catalog");
  // Answers as quick as this are wanted in the cache.
  if (options_.cache_from <= absl::ZeroDuration() && !asked.bypass_cache) {
    return absl::AbortedError("cache_from");
  }
  TM_ASSIGN_OR_RETURN(const Table table, AnswerIfQuick(asked.plan, *options_.store));
  TM_ASSIGN_OR_RETURN(Page page, MakePage(asked, table));
  page.origin = v1::CACHE_STATE_BYPASSED;
  return page;
}

absl::StatusOr<QueryHandler::Page> QueryHandler::MakePage(const Asked& asked, const Table& table) {
  Page page;
  page.total_rows = table.row_count;
  page.effects_scanned = table.effects_scanned;
  v1::Result result;
  page.end = asked.offset + WritePage(table, *asked.plan.view, asked.offset, asked.page_size,
                                      asked.label_language, &result);
  if (!result.SerializeToString(&page.result)) {
    return absl::ResourceExhaustedError(
        "the page does not fit a message; take a smaller page_size");
  }
  return page;
}

void QueryHandler::Find(const std::shared_ptr<Task>& task) {
  Asked& asked = task->asked;
  if (asked.bypass_cache) {
    absl::StatusOr<Page> page = Compute(*task->call, &asked);
    if (page.ok()) page->origin = v1::CACHE_STATE_BYPASSED;
    return Finish(task.get(), page);
  }
  const absl::Status keyed = MakeTableKey(&asked);
  if (!keyed.ok()) return Finish(task.get(), keyed);
  const std::string key = asked.PageKey();
  if (options_.cache->enabled()) {
    if (const std::optional<std::string> found = options_.cache->Get(key)) {
      if (std::optional<Page> page = Page::Decode(*found)) {
        page->origin = v1::CACHE_STATE_HIT;
        return Finish(task.get(), *std::move(page));
      }
    }
  }
  auto lead = flight_.Join(key, task->Bytes(), [this, task](redis::SingleFlight::Value value) {
    Hear(task, std::move(value));
  });
  if (!lead.ok()) return Finish(task.get(), TooManyQueries());
  if (lead->has_value()) Lead(task, key, **std::move(lead));
}

void QueryHandler::Lead(const std::shared_ptr<Task>& task, const std::string& key,
                        redis::SingleFlight::Lead lead) {
  const int64_t begun = options_.clock->MonotonicNanos();
  absl::StatusOr<Page> page = Compute(*task->call, &task->asked);
  const int64_t cost = options_.clock->MonotonicNanos() - begun;
  if (!page.ok()) {
    std::move(lead).Land(page.status());
    return Finish(task.get(), page);
  }
  std::string bytes = page->Encode();
  const bool enabled = options_.cache->enabled();
  if (enabled && cost >= absl::ToInt64Nanoseconds(options_.cache_from)) {
    options_.cache->Put(key, bytes);
  }
  std::move(lead).Land(std::move(bytes));
  const bool left_alone = !enabled || options_.cache->counters().open;
  if (left_alone && page->origin == v1::CACHE_STATE_MISS) {
    page->origin = v1::CACHE_STATE_BYPASSED;
  }
  Finish(task.get(), page);
}

// On the thread of the call that computed.
void QueryHandler::Hear(const std::shared_ptr<Task>& task, redis::SingleFlight::Value value) {
  const bool posted = options_.executor->TryPost([this, task, value = std::move(value)] {
    // Its caller's fate, not ours.
    if (absl::IsCancelled(value->status())) return Find(task);
    if (!value->ok()) return Finish(task.get(), value->status());
    std::optional<Page> page = Page::Decode(**value);
    if (!page)
      return Finish(task.get(), absl::InternalError("a computed page cannot be read back"));
    page->origin = v1::CACHE_STATE_LOCAL;
    Finish(task.get(), *std::move(page));
  });
  if (!posted) Finish(task.get(), TooManyQueries());
}

absl::StatusOr<QueryHandler::Whole> QueryHandler::AskWhole(const rpc::CallContext& call,
                                                           const v1::QueryRequest& request,
                                                           std::string_view known_key) {
  TM_ASSIGN_OR_RETURN(Asked asked, Prepare(call, request, std::nullopt));
  TM_RETURN_IF_ERROR(MakeTableKey(&asked));
  Whole whole{.key = std::move(asked.table_key),
              .view = asked.plan.view,
              .snapshot = asked.plan.snapshot,
              .canonical_text = std::move(asked.canonical_text)};
  if (whole.key == known_key) return whole;
  TM_ASSIGN_OR_RETURN(whole.table, TableOf(call, &asked.plan, whole.key));
  return whole;
}

absl::StatusOr<std::shared_ptr<const Table>> QueryHandler::TableOf(const rpc::CallContext& call,
                                                                   Plan* plan,
                                                                   const std::string& key) {
  if (std::shared_ptr<const Table> kept = tables_.Get(key)) return kept;
  TM_ASSIGN_OR_RETURN(Table made, MakeAnswer(call, plan));
  auto table = std::make_shared<const Table>(std::move(made));
  tables_.Put(key, table);
  return table;
}

void QueryHandler::WriteReplicaMeta(const SnapshotInfo& at, v1::QueryMeta* meta) const {
  SetSnapshot(*options_.store, at, meta->mutable_snapshot());
  meta->set_replica(options_.replica);
  meta->set_folded_size(options_.store->folded_size());
  meta->set_log_reachable(options_.log_state().reachable);
  meta->set_catalog_reachable(options_.catalog_reachable());
}

void QueryHandler::WriteMeta(const Asked& asked, const Page& page, v1::QueryMeta* meta) const {
  const SnapshotInfo& at = asked.plan.snapshot;
  WriteReplicaMeta(at, meta);
  if (page.end < page.total_rows) {
    meta->set_next_page_token(PageToken{options_.store->log_id(), at.log_size, page.end}.Encode(
        Question(asked.scope, asked.canonical_text)));
  }
  meta->set_total_row_count(page.total_rows);
  meta->set_canonical_query(asked.canonical_text);
  meta->set_cache(page.origin);
  meta->set_effects_scanned(page.effects_scanned);
  if (asked.permitted.grant != nullptr) {
    meta->set_grant(absl::StrCat("grants/", asked.permitted.grant->id));
  }
  meta->set_elapsed_us(static_cast<uint64_t>(options_.clock->MonotonicNanos() - asked.begun_nanos) /
                       1000);
}

void QueryHandler::Query(const rpc::CallContext& call, const v1::QueryRequest& request,
                         const std::optional<PageToken>& token, Where where, Done done) {
  absl::StatusOr<Asked> asked = Prepare(call, request, token);
  if (!asked.ok()) return done(asked.status());
  const auto task = std::make_shared<Task>(Task{&call, *std::move(asked), std::move(done)});
  const absl::StatusOr<Page> quick = ComputeIfQuick(task->asked);
  if (!absl::IsAborted(quick.status())) return Finish(task.get(), quick);
  if (where == Where::kExecutor) return Find(task);
  if (options_.executor->TryPost([this, task] { Find(task); })) return;
  Finish(task.get(), TooManyQueries());
}

std::string QueryHandler::Respond(Asked* asked, const Page& page) const {
  v1::QueryResponse meta;
  WriteMeta(*asked, page, meta.mutable_meta());
  std::string response = LengthDelimited(v1::QueryResponse::kResultFieldNumber, page.result);
  meta.AppendToString(&response);
  asked->permitted.use.Commit();
  return response;
}

void QueryHandler::Finish(Task* task, const absl::StatusOr<Page>& page) {
  if (!page.ok()) return task->done(page.status());
  const bool computed =
      page->origin == v1::CACHE_STATE_MISS || page->origin == v1::CACHE_STATE_BYPASSED;
  (computed ? misses_ : hits_).fetch_add(1, std::memory_order_relaxed);
  task->done(Respond(&task->asked, *page));
}

}  // namespace tidemark::analytics
