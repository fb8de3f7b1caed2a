#include "common/status/grpc_status.h"

#include <grpcpp/support/status.h>

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/status.pb.h"

namespace tidemark::status {
namespace {

// Status details travel in a header, and gRPC peers refuse headers beyond 8 KiB by default; a
// message that names what the caller sent may be long.
constexpr size_t kMaxMessageBytes = 2048;
constexpr size_t kMaxDetailBytes = 4096;

// Cuts between characters, so that the text stays valid UTF-8.
std::string Shortened(std::string_view message) {
  if (message.size() <= kMaxMessageBytes) return std::string(message);
  size_t end = kMaxMessageBytes;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  return absl::StrCat(message.substr(0, end), "…");
}

// google.rpc codes, absl codes and gRPC codes are the same numbers 0 to 16.
absl::StatusCode CodeFromInt(int code) {
  return code >= 0 && code <= 16 ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown;
}

}  // namespace

google::rpc::Status ToRpcStatusProto(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(Shortened(status.message()));
  status.ForEachPayload([&proto](std::string_view url, const absl::Cord& payload) {
    auto* detail = proto.add_details();
    detail->set_type_url(std::string(url));
    detail->set_value(std::string(payload));
  });
  return proto;
}

std::string SerializeRpcStatus(const absl::Status& status) {
  return ToRpcStatusProto(status).SerializeAsString();
}

absl::Status FromRpcStatusProto(const google::rpc::Status& proto) {
  absl::Status status(CodeFromInt(proto.code()), proto.message());
  if (status.ok()) return status;
  for (const auto& detail : proto.details()) {
    status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return status;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status proto = ToRpcStatusProto(status);
  std::string details;
  // Without payloads the code and message say it all; too long ones would sink the whole answer.
  if (!proto.details().empty() && proto.ByteSizeLong() <= kMaxDetailBytes) {
    details = proto.SerializeAsString();
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), proto.message(), details);
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status proto;
  if (!status.error_details().empty() && proto.ParseFromString(status.error_details()) &&
      proto.code() == static_cast<int>(status.error_code())) {
    return FromRpcStatusProto(proto);
  }
  return absl::Status(CodeFromInt(status.error_code()), status.error_message());
}

}  // namespace tidemark::status
