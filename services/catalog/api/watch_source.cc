#include "services/catalog/api/watch_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/proto_convert.h"
#include "services/catalog/api/watch_hub.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kStepBytes = size_t{1} << 20;

bool IsToken(const StoredChange& change) { return change.name.starts_with("tokens/"); }

}  // namespace

WatchSource::WatchSource(Options options, std::shared_ptr<rpc::StreamWaker> waker)
    : options_(std::move(options)), waker_(std::move(waker)), at_{options_.after_version, ""} {
  options_.hub->Add(waker_);
}

WatchSource::~WatchSource() { options_.hub->Remove(waker_); }

absl::StatusOr<rpc::Pulled> WatchSource::Next(grpc::ByteBuffer* out) {
  TM_RETURN_IF_ERROR(CheckToken());
  // Before the head is read, so that a beat that comes after is a beat to answer.
  const uint64_t beats = options_.hub->beats();
  if (hash_.empty()) {
    TM_ASSIGN_OR_RETURN(hash_, options_.catalog->HashAt(at_.version));
  }
  v1::WatchResourcesResponse message;
  const uint64_t start = at_.version;
  for (;;) {
    // It may be past the head: the store has a version a moment before readers see it.
    if (at_.name.empty() && at_.version >= options_.catalog->head().version) {
      const bool news = at_.version != start || !told_ || told_at_beat_ != beats;
      if (!news) return rpc::Pulled::kIdle;
      message.set_up_to_date(true);
      told_ = true;
      told_at_beat_ = beats;
      break;
    }
    if (!message.changes().empty()) break;
    TM_RETURN_IF_ERROR(TakeStep(&message));
  }
  message.set_version(at_.version);
  message.set_hash(hash_);
  TM_RETURN_IF_ERROR(rpc::SerializeMessage(message, out));
  return rpc::Pulled::kMessage;
}

absl::Status WatchSource::TakeStep(v1::WatchResourcesResponse* message) {
  TM_ASSIGN_OR_RETURN(ChangeBatch batch, options_.catalog->ChangesAfter(at_, kStepBytes));
  if (batch.changes.empty()) return absl::DataLossError("a version of the catalog is missing");
  std::vector<uint64_t> shown = {shown_version_};
  for (StoredChange& change : batch.changes) {
    if (!options_.tokens && IsToken(change)) continue;
    if (shown.back() != change.version) shown.push_back(change.version);
    ToProto(std::move(change), message->add_changes());
  }
  shown_version_ = shown.back();
  for (VersionHash& whole : batch.hashes) {
    hash_ = std::move(whole.hash);
    if (std::binary_search(shown.begin(), shown.end(), whole.version)) {
      message->add_version_hashes(hash_);
    }
  }
  at_ = std::move(batch.end);
  return absl::OkStatus();
}

absl::Status WatchSource::CheckToken() const {
  const auto token =
      options_.catalog->Get("token", options_.token_name, options_.catalog->head().version);
  if (!token.ok()) {
    return status::WithReason(
        absl::UnauthenticatedError("the token of this watch was revoked; ask an admin for another"),
        "TOKEN_UNKNOWN");
  }
  const int64_t expires = std::get<Token>((*token)->content).expire_time_us;
  if (expires == 0 || expires > options_.clock->NowMicros()) return absl::OkStatus();
  return status::WithReason(
      absl::UnauthenticatedError("the token of this watch has expired; ask an admin for another"),
      "TOKEN_EXPIRED");
}

}  // namespace tidemark::catalog
