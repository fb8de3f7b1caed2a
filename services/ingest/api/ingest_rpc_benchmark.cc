// The whole service over gRPC on loopback: wire bytes from a client in this process to durable
// and answered. The client's CPU is in the figures; its requests are made before.
#include <benchmark/benchmark.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/rpc/channel_factory.h"
#include "services/ingest/testing/ingest_server.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

constexpr size_t kEvents = 2'000'000;

// Sends `requests` with `in_flight` of them under way; returns how many events were accepted.
size_t SendAll(const std::shared_ptr<grpc::Channel>& channel,
               const std::vector<grpc::ByteBuffer>& requests, size_t in_flight) {
  grpc::GenericStub stub(channel);
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer response;
  };
  base::Mutex mutex;
  base::CondVar changed;
  size_t under_way = 0;
  std::atomic<size_t> accepted{0};
  for (const grpc::ByteBuffer& request : requests) {
    {
      base::MutexLock lock(mutex);
      while (under_way == in_flight) changed.Wait(mutex);
      ++under_way;
    }
    auto* call = new Call();
    rpc::PrepareCall(&call->context, "", absl::Seconds(60));
    stub.UnaryCall(&call->context, "/tidemark.ingest.v1.IngestService/SubmitEvents", {}, &request,
                   &call->response, [&, call](const grpc::Status& status) {
                     grpc::Slice slice;
                     v1::SubmitEventsResponse response;
                     if (status.ok() && call->response.DumpToSingleSlice(&slice).ok() &&
                         response.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
                       accepted += response.verdict().accepted();
                     }
                     delete call;
                     base::MutexLock lock(mutex);
                     --under_way;
                     changed.NotifyAll();
                   });
  }
  base::MutexLock lock(mutex);
  while (under_way > 0) changed.Wait(mutex);
  return accepted;
}

void BM_RpcToDurable(benchmark::State& state) {
  const auto batch = static_cast<size_t>(state.range(0));
  SampleEvents events(1);
  std::vector<grpc::ByteBuffer> requests;
  for (size_t i = 0; i < kEvents / batch; ++i) {
    const grpc::Slice slice(events.Request(batch));
    requests.emplace_back(&slice, 1);
  }
  base::SystemClock clock;
  for (auto _ : state) {
    state.PauseTiming();
    auto server = std::make_unique<IngestServer>(&clock);
    state.ResumeTiming();
    const size_t accepted =
        SendAll(server->server->channel(), requests, static_cast<size_t>(state.range(1)));
    state.PauseTiming();
    if (accepted != kEvents) state.SkipWithError("not every event was accepted");
    server.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kEvents));
}
BENCHMARK(BM_RpcToDurable)
    ->Args({1000, 16})
    ->Args({10'000, 4})
    ->Args({10'000, 8})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
}  // namespace tidemark::ingest
