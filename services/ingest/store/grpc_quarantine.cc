#include "services/ingest/store/grpc_quarantine.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>

#include "common/log/log.h"
#include "common/rpc/channel_factory.h"
#include "common/status/grpc_status.h"
#include "services/ingest/domain/quarantine_codec.h"
#include "services/ingest/store/owner_messages.h"
#include "tidemark/internal/v1/log_store.grpc.pb.h"

namespace tidemark::ingest {
namespace {

namespace pb = internal::v1;

// The owner takes requests of 1 MiB, and an entry is smaller than 64 KiB.
constexpr size_t kBytesPerCall = size_t{768} << 10;
// An owner that takes longer has no time for it; nor has this process, when it ends.
constexpr absl::Duration kAddTimeout = absl::Seconds(5);
// Sources whose drops wait for the owner.
constexpr size_t kMaxSources = 1000;

}  // namespace

absl::Status GrpcQuarantine::Send(const pb::AddRejectedRequest& request) {
  const auto stub = pb::LogStoreService::NewStub(options_.channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options_.token, kAddTimeout);
  pb::AddRejectedResponse response;
  return status::FromGrpcStatus(stub->AddRejected(&context, request, &response));
}

void GrpcQuarantine::Add(std::vector<QuarantineEntry> entries, std::vector<QuarantineDrop> drops) {
  base::MutexLock lock(mutex_);
  const auto drop = [&](const std::string& source, uint64_t events) {
    if (drops_.size() < kMaxSources || drops_.contains(source)) drops_[source] += events;
  };
  for (const QuarantineDrop& more : drops) drop(more.source, more.events);
  size_t at = 0;
  do {
    pb::AddRejectedRequest request;
    request.set_log_id(options_.log_id);
    const size_t first = at;
    for (size_t bytes = 0; at < entries.size() && bytes < kBytesPerCall; ++at) {
      EncodeEntry(entries[at], request.add_entries());
      bytes += request.entries(request.entries_size() - 1).size();
    }
    for (const auto& [source, events] : drops_) {
      pb::RejectedDrop& told = *request.add_drops();
      told.set_source(source);
      told.set_events(events);
    }
    const absl::Status sent = Send(request);
    if (sent.ok()) {
      drops_.clear();
      continue;
    }
    // Nor is the rest sent: this process has others to serve than an owner that may be away.
    log::Warn("rejected events are lost: the owner of the log does not take them",
              {{"events", entries.size() - first}, {"error", sent}});
    for (size_t i = first; i < entries.size(); ++i) drop(entries[i].source, 1);
    return;
  } while (at < entries.size());
}

absl::StatusOr<std::string> GrpcQuarantine::Ask(const Caller& caller, std::string_view method,
                                                std::string_view request) {
  pb::AskQuarantineRequest ask;
  ask.set_log_id(options_.log_id);
  ask.set_principal(caller.principal);
  ask.set_roles(caller.roles);
  for (const std::string& source : caller.sources) ask.add_sources(source);
  ask.set_method(std::string(method));
  ask.set_request(std::string(request));
  const auto stub = pb::LogStoreService::NewStub(options_.channel);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options_.token, options_.call_timeout);
  pb::AskQuarantineResponse response;
  const grpc::Status status = stub->AskQuarantine(&context, ask, &response);
  if (!status.ok()) return FromOwner(status::FromGrpcStatus(status));
  return std::move(*response.mutable_response());
}

}  // namespace tidemark::ingest
