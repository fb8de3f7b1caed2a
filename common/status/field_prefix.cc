#include "common/status/field_prefix.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace tidemark::status {

absl::Status WithFieldPrefix(const absl::Status& status, std::string_view old_prefix,
                             std::string_view new_prefix) {
  constexpr std::string_view kBadRequestUrl = "type.googleapis.com/google.rpc.BadRequest";
  const absl::optional<absl::Cord> bytes = status.GetPayload(kBadRequestUrl);
  google::rpc::BadRequest details;
  if (!bytes.has_value() || !details.ParseFromString(std::string(*bytes))) return status;
  const auto renamed = [&](std::string_view text) {
    return absl::StartsWith(text, old_prefix)
               ? absl::StrCat(new_prefix, text.substr(old_prefix.size()))
               : std::string(text);
  };
  absl::Status result(status.code(), renamed(status.message()));
  status.ForEachPayload(
      [&](std::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  for (auto& violation : *details.mutable_field_violations()) {
    violation.set_field(renamed(violation.field()));
  }
  result.SetPayload(kBadRequestUrl, absl::Cord(details.SerializeAsString()));
  return result;
}

}  // namespace tidemark::status
