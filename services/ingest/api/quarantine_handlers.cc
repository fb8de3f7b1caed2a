#include "services/ingest/api/quarantine_handlers.h"

#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/ledger/record.h"
#include "common/base/varint.h"
#include "common/rpc/raw_unary.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/ingest_service.h"
#include "services/ingest/api/overload.h"
#include "services/ingest/api/quarantine_convert.h"
#include "services/ingest/api/verdict.h"
#include "services/ingest/api/wire_reader.h"
#include "services/ingest/domain/rejection.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

constexpr int kMaxPageSize = 1'000;
constexpr int kPageSize = 100;
constexpr size_t kPageBytes = size_t{2} << 20;
constexpr int kMaxIds = 10'000;
constexpr size_t kResubmitEvents = 10'000;
constexpr size_t kResubmitBytes = size_t{8} << 20;
constexpr std::string_view kUnreadable = "-";

std::string FullName(std::string_view method) {
  return absl::StrCat("/", kIngestServiceName, "/", method);
}

template <typename Request>
absl::StatusOr<Request> Parse(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  Request request;
  TM_RETURN_IF_ERROR(rpc::ParseMessage(grpc::ByteBuffer(&slice, 1), &request));
  return request;
}

// The source as entries have it, of a caller that may use it.
absl::StatusOr<std::string> SourceOf(const rpc::Caller& caller, std::string_view method,
                                     const std::string& source) {
  if (source.empty() || source.size() > ledger::kMaxIdentityBytes) {
    return status::InvalidArgument(
        "source",
        absl::StrCat("want the id of a source, 1 to ", ledger::kMaxIdentityBytes,
                     " bytes, or - for events whose source could not be read"),
        "FIELD_REQUIRED");
  }
  std::string known = source == kUnreadable ? "" : source;
  if (access::MayUseSource(caller, FullName(method), known)) return known;
  return status::WithReason(absl::PermissionDeniedError(absl::StrCat(
                                "source: ", Quoted(source),
                                " is outside the scope of the token; use a token issued for it")),
                            NameOf(Reason::kSourceNotAllowed));
}

absl::StatusOr<uint64_t> NumberOf(std::string_view field, const std::string& text) {
  uint64_t number = 0;
  if (absl::SimpleAtoi(text, &number) && number > 0 && absl::StrCat(number) == text) return number;
  return status::InvalidArgument(
      field, absl::StrCat(Quoted(text), "; want a value that ListQuarantine has given"),
      "OUT_OF_RANGE");
}

absl::StatusOr<uint64_t> AfterOf(const std::string& page_token) {
  if (page_token.empty()) return 0;
  return NumberOf("page_token", page_token);
}

absl::StatusOr<std::vector<uint64_t>> NumbersOf(
    const google::protobuf::RepeatedPtrField<std::string>& ids) {
  if (ids.size() > kMaxIds) {
    return status::InvalidArgument("ids", absl::StrCat(ids.size(), " ids; want at most ", kMaxIds),
                                   "OUT_OF_RANGE");
  }
  std::vector<uint64_t> numbers;
  for (int i = 0; i < ids.size(); ++i) {
    TM_ASSIGN_OR_RETURN(const uint64_t number, NumberOf(absl::StrCat("ids[", i, "]"), ids[i]));
    numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

QuarantineFilter FromProto(const v1::QuarantineFilter& filter) {
  return {.reason = filter.reason(),
          .field = filter.field(),
          .start_us = filter.start_time_us(),
          .end_us = filter.end_time_us()};
}

void AppendEvent(std::string_view event, std::string* request) {
  base::AppendVarint(Tag(v1::SubmitEventsRequest::kEventsFieldNumber, kBytes), request);
  base::AppendVarint(event.size(), request);
  request->append(event);
}

}  // namespace

struct QuarantineHandlers::Resubmit {
  rpc::Caller caller;
  std::string method;
  std::string source;
  bool validate_only = false;
  // By position in the batch.
  std::vector<QuarantineEntry> entries;
  v1::ResubmitQuarantineResponse response;
  std::vector<uint64_t> gone;
  std::vector<QuarantineEntry> refused;
  Done done;
};

void QuarantineHandlers::Handle(const rpc::Caller& caller, std::string_view method,
                                std::string_view request, TakeMemory take_memory, Done done) {
  const auto answer = [&]<typename Request, typename Response>(auto handler) {
    const absl::StatusOr<Request> parsed = Parse<Request>(request);
    if (!parsed.ok()) return done(parsed.status());
    // A front looks only at whom it lets through.
    const auto source = SourceOf(caller, method, parsed->source());
    if (!source.ok()) return done(source.status());
    options_.intake->Drain();
    if (options_.owner != nullptr) {
      return done(
          options_.owner->Ask({caller.principal, caller.roles, caller.sources}, method, request));
    }
    if constexpr (std::is_same_v<Response, v1::ResubmitQuarantineResponse>) {
      handler(*parsed, nullptr);
    } else {
      Response response;
      const absl::Status status = handler(*parsed, &response);
      status.ok() ? done(response.SerializeAsString()) : done(status);
    }
  };
  if (method == "ListQuarantine") {
    answer.operator()<v1::ListQuarantineRequest, v1::ListQuarantineResponse>(
        [&](auto& in, auto* out) { return List(caller, in, out); });
  } else if (method == "GetQuarantineStats") {
    answer.operator()<v1::GetQuarantineStatsRequest, v1::GetQuarantineStatsResponse>(
        [&](auto& in, auto* out) { return Stats(caller, in, out); });
  } else if (method == "DeleteQuarantine") {
    answer.operator()<v1::DeleteQuarantineRequest, v1::DeleteQuarantineResponse>(
        [&](auto& in, auto* out) { return Delete(caller, in, out); });
  } else if (method == "ResubmitQuarantine") {
    answer.operator()<v1::ResubmitQuarantineRequest, v1::ResubmitQuarantineResponse>(
        [&](auto& in, auto) { StartResubmit(caller, in, take_memory, done); });
  } else {
    done(absl::UnimplementedError(
        absl::StrCat("method: ", Quoted(method), " is not one about the quarantine")));
  }
}

absl::Status QuarantineHandlers::List(const rpc::Caller& caller,
                                      const v1::ListQuarantineRequest& request,
                                      v1::ListQuarantineResponse* response) {
  TM_ASSIGN_OR_RETURN(const std::string source,
                      SourceOf(caller, "ListQuarantine", request.source()));
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    return status::InvalidArgument(
        "page_size",
        absl::StrCat(request.page_size(), "; want 1 to ", kMaxPageSize, ", or 0 for ", kPageSize),
        "OUT_OF_RANGE");
  }
  TM_ASSIGN_OR_RETURN(const uint64_t after, AfterOf(request.page_token()));
  const int size = request.page_size() == 0 ? kPageSize : request.page_size();
  const Quarantine::Page page = options_.quarantine->List(
      source, FromProto(request.filter()), after, static_cast<size_t>(size), kPageBytes);
  // Attributes are private: they are for whoever may read the source's events.
  const bool with_attributes = access::MayUseSource(caller, FullName("BatchGetEvents"), source);
  for (const QuarantineEntry& entry : page.entries) {
    ToProto(entry, with_attributes, response->add_events());
  }
  if (page.more) response->set_next_page_token(absl::StrCat(page.entries.back().number));
  return absl::OkStatus();
}

absl::Status QuarantineHandlers::Stats(const rpc::Caller& caller,
                                       const v1::GetQuarantineStatsRequest& request,
                                       v1::GetQuarantineStatsResponse* response) {
  TM_ASSIGN_OR_RETURN(const std::string source,
                      SourceOf(caller, "GetQuarantineStats", request.source()));
  const QuarantineStats stats = options_.quarantine->Stats(source);
  response->set_events(stats.events);
  response->set_bytes(stats.bytes);
  response->set_max_events(stats.max_events);
  response->set_max_bytes(stats.max_bytes);
  for (const QuarantineCount& count : stats.counts) {
    v1::QuarantineCount& out = *response->add_counts();
    out.set_reason(count.reason);
    out.set_field(count.field);
    out.set_events(count.events);
    out.set_rejections(count.rejections);
    out.set_resubmittable(count.resubmittable);
  }
  response->set_aged_out(stats.aged_out);
  response->set_dropped(stats.dropped);
  response->set_damaged_parts(stats.damaged_parts);
  return absl::OkStatus();
}

absl::Status QuarantineHandlers::Delete(const rpc::Caller& caller,
                                        const v1::DeleteQuarantineRequest& request,
                                        v1::DeleteQuarantineResponse* response) {
  TM_ASSIGN_OR_RETURN(const std::string source,
                      SourceOf(caller, "DeleteQuarantine", request.source()));
  TM_ASSIGN_OR_RETURN(std::vector<uint64_t> numbers, NumbersOf(request.ids()));
  const QuarantineFilter filter = FromProto(request.filter());
  if (!numbers.empty()) {
    TM_ASSIGN_OR_RETURN(const uint64_t deleted, options_.quarantine->Remove(source, numbers));
    response->set_deleted(deleted);
    return absl::OkStatus();
  }
  if (filter.says_nothing() && !request.all()) {
    return status::InvalidArgument(
        "ids", "missing; want ids, a filter, or all: true to remove everything of the source",
        "FIELD_REQUIRED");
  }
  uint64_t deleted = 0;
  uint64_t after = 0;
  for (bool more = true; more;) {
    const Quarantine::Page page =
        options_.quarantine->List(source, filter, after, kMaxIds, kResubmitBytes);
    more = page.more;
    numbers.clear();
    for (const QuarantineEntry& entry : page.entries) numbers.push_back(entry.number);
    if (numbers.empty()) break;
    after = numbers.back();
    TM_ASSIGN_OR_RETURN(const uint64_t part, options_.quarantine->Remove(source, numbers));
    deleted += part;
  }
  response->set_deleted(deleted);
  return absl::OkStatus();
}

void QuarantineHandlers::StartResubmit(const rpc::Caller& caller,
                                       const v1::ResubmitQuarantineRequest& request,
                                       const TakeMemory& take_memory, Done done) {
  const auto source = SourceOf(caller, "ResubmitQuarantine", request.source());
  if (!source.ok()) return done(source.status());
  const auto numbers = NumbersOf(request.ids());
  if (!numbers.ok()) return done(numbers.status());
  const auto after = AfterOf(request.page_token());
  if (!after.ok()) return done(after.status());
  if (!take_memory(2 * kResubmitBytes + kResubmitEvents * SubmitHandler::EventMemory())) {
    return done(Overloaded(absl::Milliseconds(100)));
  }
  Quarantine::Page page =
      numbers->empty()
          ? options_.quarantine->List(*source, FromProto(request.filter()), *after, kResubmitEvents,
                                      kResubmitBytes)
          : options_.quarantine->Find(*source, *numbers, *after, kResubmitEvents, kResubmitBytes);
  auto resubmit = std::make_shared<Resubmit>(Resubmit{.caller = caller,
                                                      .method = FullName("ResubmitQuarantine"),
                                                      .source = *source,
                                                      .validate_only = request.validate_only(),
                                                      .done = std::move(done)});
  v1::ResubmitQuarantineResponse& response = resubmit->response;
  if (page.more) response.set_next_page_token(absl::StrCat(page.entries.back().number));
  std::string batch;
  for (QuarantineEntry& entry : page.entries) {
    if (!entry.resubmittable) {
      response.set_not_resubmittable(response.not_resubmittable() + 1);
      continue;
    }
    AppendEvent(entry.event, &batch);
    response.add_ids(absl::StrCat(entry.number));
    resubmit->entries.push_back(std::move(entry));
  }
  if (resubmit->entries.empty()) {
    response.mutable_verdict()->set_log_id(options_.log_id);
    return resubmit->done(response.SerializeAsString());
  }
  if (request.validate_only()) {
    base::AppendVarint(Tag(v1::SubmitEventsRequest::kValidateOnlyFieldNumber, kVarint), &batch);
    base::AppendVarint(1, &batch);
  }
  options_.submits->Resubmit(
      {.caller = &resubmit->caller,
       .method = resubmit->method,
       .request = std::move(batch),
       .done = [this, resubmit](const absl::Status& status, const Submission* submission,
                                const v1::SubmitEventsResponse* verdict) {
         if (!status.ok()) return resubmit->done(status);
         Judged(resubmit, *submission, *verdict);
       }});
}

void QuarantineHandlers::Judged(const std::shared_ptr<Resubmit>& resubmit,
                                const Submission& submission,
                                const v1::SubmitEventsResponse& response) {
  const v1::BatchVerdict& verdict = response.verdict();
  *resubmit->response.mutable_verdict() = verdict;
  if (resubmit->validate_only) {
    return resubmit->done(resubmit->response.SerializeAsString());
  }
  std::vector<bool> stays(resubmit->entries.size(), false);
  for (const v1::Exception& exception : verdict.exceptions()) {
    if (exception.kind() == v1::EXCEPTION_KIND_DUPLICATE) continue;
    stays[exception.position()] = true;
    QuarantineEntry& entry = resubmit->entries[exception.position()];
    const v1::ExceptionReason& reason = verdict.reasons(static_cast<int>(exception.reason()));
    entry.code = reason.code();
    entry.reason = reason.reason();
    entry.field = reason.field();
    // Of rejected ones it follows below.
    entry.message = exception.kind() == v1::EXCEPTION_KIND_CONFLICT
                        ? "differs from the event of the same source, id and revision that stands"
                        : TooManyWaiting().message;
  }
  for (const Submission::Rejected& rejected : submission.rejected()) {
    resubmit->entries[rejected.position].message = rejected.rejection.message;
  }
  for (size_t i = 0; i < stays.size(); ++i) {
    if (stays[i]) {
      resubmit->refused.push_back(std::move(resubmit->entries[i]));
    } else {
      resubmit->gone.push_back(resubmit->entries[i].number);
    }
  }
  // This may be the store's thread; the quarantine's disk is for the executor.
  if (!options_.executor->TryPost([this, resubmit] { Settle(resubmit); })) Settle(resubmit);
}

void QuarantineHandlers::Settle(const std::shared_ptr<Resubmit>& resubmit) {
  options_.quarantine->Settle(resubmit->source, resubmit->gone, std::move(resubmit->refused));
  resubmit->done(resubmit->response.SerializeAsString());
}

}  // namespace tidemark::ingest
