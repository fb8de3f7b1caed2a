#ifndef TIDEMARK_COMMON_RPC_ECHO_FIXTURE_TEST_H_
#define TIDEMARK_COMMON_RPC_ECHO_FIXTURE_TEST_H_

#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/echo_test.grpc.pb.h"
#include "common/rpc/raw_stream.h"
#include "common/rpc/raw_unary.h"
#include "common/status/error.h"
#include "common/testing/in_process_server.h"

namespace tidemark::rpc::testing {

inline constexpr char kEcho[] = "/tidemark.rpc.testing.EchoService/Echo";
inline constexpr char kConverse[] = "/tidemark.rpc.testing.EchoService/Converse";
inline constexpr char kCount[] = "/tidemark.rpc.testing.EchoService/Count";

// Registered raw, as our services are; the test says how a call is handled.
class RawEchoService final
    : public EchoService::WithRawCallbackMethod_Converse<EchoService::WithRawCallbackMethod_Echo<
          EchoService::WithRawCallbackMethod_Count<EchoService::Service>>> {
 public:
  std::function<grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const grpc::ByteBuffer*,
                                          grpc::ByteBuffer*)>
      echo;
  std::function<grpc::ServerWriteReactor<grpc::ByteBuffer>*(grpc::CallbackServerContext*,
                                                            const grpc::ByteBuffer*)>
      count;
  std::function<grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*(
      grpc::CallbackServerContext*)>
      converse;

  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer* request,
                                 grpc::ByteBuffer* response) override {
    return echo(context, request, response);
  }
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Count(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request) override {
    return count(context, request);
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Converse(
      grpc::CallbackServerContext* context) override {
    return converse(context);
  }
};

// Knows the token "tm_good" as ann and "tm_poor" as one without the role.
class TwoTokenAuthorizer final : public Authorizer {
 public:
  absl::StatusOr<Caller> Authorize(std::string_view method, std::string_view bearer) override {
    if (bearer == "tm_good") {
      return Caller{.token_name = "tokens/ann", .principal = std::string(method)};
    }
    if (bearer == "tm_poor") return absl::PermissionDeniedError("wrong role");
    return absl::UnauthenticatedError("token missing or unknown");
  }
};

// The clock of this machine, plus what the test adds: deadlines come from the real one.
class ShiftedClock final : public base::Clock {
 public:
  int64_t NowMicros() const override {
    return system_.NowMicros() + absl::ToInt64Microseconds(shift);
  }
  int64_t MonotonicNanos() const override { return system_.MonotonicNanos(); }

  absl::Duration shift;

 private:
  base::SystemClock system_;
};

}  // namespace tidemark::rpc::testing

#endif  // TIDEMARK_COMMON_RPC_ECHO_FIXTURE_TEST_H_
