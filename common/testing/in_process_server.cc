#include "common/testing/in_process_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/raw_call.h"

namespace tidemark::testing {

InProcessServer::InProcessServer(std::vector<grpc::Service*> services)
    : InProcessServer(rpc::ServerRuntime::Options{.services = std::move(services)}) {}

InProcessServer::InProcessServer(rpc::ServerRuntime::Options options) {
  if (options.name.empty()) options.name = "test";
  if (options.listen_address.empty()) options.listen_address = "127.0.0.1:0";
  auto runtime = rpc::ServerRuntime::Create(std::move(options));
  if (!runtime.ok()) {
    ADD_FAILURE() << runtime.status();
    std::abort();
  }
  runtime_ = *std::move(runtime);
  runtime_->SetReady(true);
  channel_ = *rpc::CreateChannel({.target = runtime_->address()});
}

InProcessServer::~InProcessServer() { runtime_->Shutdown(); }

std::string OwnLoopback() {
  const auto pid = static_cast<uint32_t>(::getpid());
  return absl::StrCat("127.", 64 | (pid >> 16 & 63), ".", pid >> 8 & 255, ".", pid & 255);
}

absl::StatusOr<std::string> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                    const std::string& method, const std::string& request,
                                    const std::string& token, absl::Duration timeout) {
  return rpc::CallRaw(channel, method, request, token, timeout);
}

}  // namespace tidemark::testing
