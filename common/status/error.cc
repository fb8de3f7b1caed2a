#include "common/status/error.h"

#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status/error_info.pb.h"
#include "google/rpc/error_details.pb.h"

namespace tidemark::status {
namespace {

constexpr std::string_view kBadRequestUrl = "type.googleapis.com/google.rpc.BadRequest";
constexpr std::string_view kErrorInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr std::string_view kRetryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";

template <typename Message>
std::optional<Message> Payload(const absl::Status& status, std::string_view url) {
  const absl::optional<absl::Cord> bytes = status.GetPayload(url);
  Message message;
  if (!bytes.has_value() || !message.ParseFromString(std::string(*bytes))) return std::nullopt;
  return message;
}

}  // namespace

absl::Status InvalidArgument(std::string_view field, std::string_view message,
                             std::string_view reason) {
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(field, ": ", message));
  return WithReason(WithFieldViolation(std::move(status), field, message), reason);
}

absl::Status WithFieldViolation(absl::Status status, std::string_view field,
                                std::string_view message) {
  if (status.ok()) return status;
  auto details =
      Payload<google::rpc::BadRequest>(status, kBadRequestUrl).value_or(google::rpc::BadRequest());
  auto* violation = details.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(message));
  status.SetPayload(kBadRequestUrl, absl::Cord(details.SerializeAsString()));
  return status;
}

absl::Status WithReason(absl::Status status, std::string_view reason, const Metadata& metadata) {
  if (status.ok()) return status;
  wire::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(kErrorDomain));
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  if (status.ok()) return status;
  google::rpc::RetryInfo info;
  const int64_t seconds = absl::IDivDuration(delay, absl::Seconds(1), &delay);
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(delay)));
  status.SetPayload(kRetryInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status Prefixed(std::string_view prefix, const absl::Status& status) {
  if (status.ok()) return status;
  absl::Status result(status.code(), absl::StrCat(prefix, ": ", status.message()));
  status.ForEachPayload([&result](std::string_view url, const absl::Cord& payload) {
    result.SetPayload(url, payload);
  });
  return result;
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = Payload<wire::ErrorInfo>(status, kErrorInfoUrl);
  return info ? info->reason() : std::string();
}

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  const auto info = Payload<wire::ErrorInfo>(status, kErrorInfoUrl);
  if (!info) return std::string();
  const auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? std::string() : found->second;
}

std::string FieldOf(const absl::Status& status) {
  const auto details = Payload<google::rpc::BadRequest>(status, kBadRequestUrl);
  if (!details || details->field_violations().empty()) return std::string();
  return details->field_violations(0).field();
}

absl::Duration RetryAfterOf(const absl::Status& status) {
  const auto info = Payload<google::rpc::RetryInfo>(status, kRetryInfoUrl);
  if (!info) return absl::InfiniteDuration();
  return absl::Seconds(info->retry_delay().seconds()) +
         absl::Nanoseconds(info->retry_delay().nanos());
}

}  // namespace tidemark::status
