#ifndef TIDEMARK_COMMON_TESTING_IN_PROCESS_SERVER_H_
#define TIDEMARK_COMMON_TESTING_IN_PROCESS_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/server_runtime.h"

namespace tidemark::testing {

// Accepts every token, none included, as the caller it was made with.
class FakeAuthorizer final : public rpc::Authorizer {
 public:
  explicit FakeAuthorizer(rpc::Caller caller = {.token_name = "test", .principal = "test"})
      : caller_(std::move(caller)) {}
  absl::StatusOr<rpc::Caller> Authorize(std::string_view, std::string_view) override {
    return caller_;
  }

 private:
  rpc::Caller caller_;
};

// A real server on a free loopback port, through the same ServerRuntime as the products, and a
// channel to it. Shut down by the destructor.
//
//   InProcessServer server({&service});
//   auto stub = IngestService::NewStub(server.channel());
class InProcessServer {
 public:
  explicit InProcessServer(std::vector<grpc::Service*> services);
  explicit InProcessServer(rpc::ServerRuntime::Options options);
  ~InProcessServer();

  const std::string& address() const { return runtime_->address(); }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  rpc::ServerRuntime& runtime() { return *runtime_; }

 private:
  std::unique_ptr<rpc::ServerRuntime> runtime_;
  std::shared_ptr<grpc::Channel> channel_;
};

// A loopback address of this process alone. A server that must come back at the port that it had
// listens there: on 127.0.0.1 the port may be another process's by then.
std::string OwnLoopback();

// Calls "/package.Service/Method" with the bytes given; returns the answer's bytes.
absl::StatusOr<std::string> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method, const std::string& request,
                                    const std::string& token = "",
                                    absl::Duration timeout = absl::Seconds(20));

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_IN_PROCESS_SERVER_H_
