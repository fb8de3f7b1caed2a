// One caller, one connection over loopback: what a call costs before any work is done.

#include <benchmark/benchmark.h>

#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/echo_fixture_test.h"

namespace tidemark::rpc {
namespace {

class Server {
 public:
  Server() {
    options_.name = testing::kEcho;
    options_.executor = &pool_;
    options_.authorizer = &authorizer_;
    options_.clock = &clock_;
    service_.echo = [this](auto* context, auto* in, auto* out) {
      return HandleRawUnary(context, in, out, options_,
                            [](const CallContext&, std::string_view bytes, UnaryReply reply) {
                              benchmark::DoNotOptimize(bytes.data());
                              std::move(reply).Send(grpc::ByteBuffer());
                            });
    };
  }
  const std::shared_ptr<grpc::Channel>& channel() const { return server_.channel(); }

 private:
  testing::TwoTokenAuthorizer authorizer_;
  base::SystemClock clock_;
  base::ThreadPool pool_{{.name = "handlers", .threads = 2}};
  MethodOptions options_;
  testing::RawEchoService service_;
  tidemark::testing::InProcessServer server_{{&service_}};
};

void BM_RawUnary(benchmark::State& state) {
  const Server server;
  const std::string request(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    const auto answer =
        tidemark::testing::CallRaw(server.channel(), testing::kEcho, request, "tm_good");
    if (!answer.ok()) state.SkipWithError(answer.status().ToString().c_str());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_RawUnary)->Arg(100)->Arg(1 << 20)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tidemark::rpc
