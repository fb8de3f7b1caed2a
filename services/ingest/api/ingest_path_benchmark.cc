// The path of an event without gRPC: wire bytes to durable, with parsing and validation on two
// threads as in the service. Reports events per second of time and of process CPU.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/submit/column_batch.h"
#include "common/base/executor.h"
#include "common/base/mutex.h"
#include "common/testing/temp_dir.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/submission.h"
#include "services/ingest/store/file_log_store.h"
#include "services/ingest/testing/sample_events.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

constexpr size_t kEvents = 2'000'000;
constexpr int kInFlight = 8;

// The request with its events by columns.
std::string ByColumns(const std::string& request) {
  v1::SubmitEventsRequest rows;
  submit::ColumnBatch batch;
  if (!rows.ParseFromString(request)) std::abort();
  for (const v1::Event& event : rows.events()) batch.Add(event);
  v1::SubmitEventsRequest columns;
  if (!columns.mutable_columns()->ParseFromString(batch.Finish())) std::abort();
  return columns.SerializeAsString();
}

const std::vector<std::string>& Requests(size_t batch, bool columns = false) {
  static auto* cache = new std::map<std::pair<size_t, bool>, std::vector<std::string>>();
  std::vector<std::string>& requests = (*cache)[{batch, columns}];
  if (!requests.empty()) return requests;
  if (columns) {
    for (const std::string& request : Requests(batch)) requests.push_back(ByColumns(request));
  } else {
    SampleEvents events(1);
    for (size_t i = 0; i < kEvents / batch; ++i) requests.push_back(events.Request(batch));
  }
  return requests;
}

std::shared_ptr<const catalog_client::CatalogView> View() {
  catalog_client::CatalogBuilder catalog;
  AddSampleCatalog(&catalog);
  return catalog.View();
}

Submission::Task TaskOf(const std::string& request,
                        std::shared_ptr<const catalog_client::CatalogView> view, int64_t now_us) {
  const BatchEnvelope envelope = *ReadEnvelope(request);
  return {.request = request,
          .events = envelope.events,
          .columns = envelope.columns,
          .principal = "benchmark",
          .view = std::move(view),
          .reference = {.now_us = now_us, .may_use_source = [](std::string_view) { return true; }},
          .with_receipts = false};
}

void BM_Judge(benchmark::State& state) {
  const auto& requests = Requests(10'000, state.range(0) != 0);
  const auto view = View();
  const ledger::HmacKey key("key");
  OpenCodes codes;
  PlainJudges judges(&codes);
  Submission submission(&key, &codes, &judges);
  size_t events = 0;
  for (auto _ : state) {
    const std::string& request = requests[events / 10'000 % requests.size()];
    const absl::Status judged =
        submission.Judge(TaskOf(request, view, base::SystemClock().NowMicros()));
    if (!judged.ok() || !submission.rejected().empty()) state.SkipWithError("events were refused");
    events += submission.batch().rows.size();
  }
  state.SetItemsProcessed(static_cast<int64_t>(events));
}
BENCHMARK(BM_Judge)->ArgName("columns")->Arg(0)->Arg(1);

void BM_WireToDurable(benchmark::State& state) {
  const auto& requests = Requests(static_cast<size_t>(state.range(0)), state.range(2) != 0);
  const auto view = View();
  base::SystemClock clock;
  const auto fs = fs::NewPosixFileSystem();
  for (auto _ : state) {
    state.PauseTiming();
    testing::TempDir dir;
    auto log = FileLogStore::Open({.fs = fs.get(),
                                   .clock = &clock,
                                   .dir = dir.path(),
                                   .group_rows = static_cast<size_t>(state.range(1))});
    if (!log.ok()) return state.SkipWithError(log.status().ToString().c_str());
    const ledger::HmacKey key((*log)->pseudonym_key());
    OpenCodes codes;
    PlainJudges judges(&codes);
    std::vector<std::unique_ptr<Submission>> idle;
    for (int i = 0; i < kInFlight; ++i) {
      idle.push_back(std::make_unique<Submission>(&key, &codes, &judges));
    }
    base::Mutex mutex;
    base::CondVar changed;
    std::atomic<size_t> accepted{0};
    base::ThreadPool pool({.name = "judge", .threads = 2, .queue_limit = kInFlight});
    state.ResumeTiming();
    for (const std::string& request : requests) {
      Submission* submission;
      {
        base::MutexLock lock(mutex);
        while (idle.empty()) changed.Wait(mutex);
        submission = idle.back().release();
        idle.pop_back();
      }
      const bool posted = pool.TryPost([&, submission] {
        if (!submission->Judge(TaskOf(request, view, clock.NowMicros())).ok()) std::abort();
        submission->batch().done = [&, submission](AppendResult result) {
          accepted += result.accepted;
          base::MutexLock lock(mutex);
          idle.emplace_back(submission);
          changed.NotifyOne();
        };
        (*log)->Append(&submission->batch());
      });
      if (!posted) state.SkipWithError("the queue is full");
    }
    {
      base::MutexLock lock(mutex);
      while (idle.size() < kInFlight) changed.Wait(mutex);
    }
    state.PauseTiming();
    if (accepted != kEvents) state.SkipWithError("not every event was accepted");
    state.counters["bytes/event"] = static_cast<double>((*log)->state().bytes) / kEvents;
    state.counters["id bytes"] = static_cast<double>((*log)->state().identity_bytes) / kEvents;
    pool.Shutdown();
    log->reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kEvents));
}
BENCHMARK(BM_WireToDurable)
    ->ArgNames({"batch", "group", "columns"})
    ->Args({1000, 1 << 16, 0})
    ->Args({1000, 1 << 16, 1})
    ->Args({10'000, 1 << 16, 0})
    ->Args({10'000, 1 << 16, 1})
    ->Args({10'000, 1 << 14, 0})
    ->Args({10'000, 1 << 12, 0})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1);

// Opening a log: checksums, tree, identity table.
void BM_Open(benchmark::State& state) {
  const auto events = static_cast<size_t>(state.range(0));
  const auto view = View();
  base::SystemClock clock;
  const auto fs = fs::NewPosixFileSystem();
  testing::TempDir dir;
  {
    auto log = FileLogStore::Open({.fs = fs.get(), .clock = &clock, .dir = dir.path()});
    if (!log.ok()) return state.SkipWithError(log.status().ToString().c_str());
    const ledger::HmacKey key((*log)->pseudonym_key());
    OpenCodes codes;
    PlainJudges judges(&codes);
    Submission submission(&key, &codes, &judges);
    SampleEvents source(1);
    for (size_t done = 0; done < events; done += 10'000) {
      const std::string request = source.Request(10'000);
      if (!submission.Judge(TaskOf(request, view, clock.NowMicros())).ok()) std::abort();
      std::promise<AppendResult> answered;
      submission.batch().done = [&answered](AppendResult r) { answered.set_value(std::move(r)); };
      (*log)->Append(&submission.batch());
      if (answered.get_future().get().accepted != 10'000) return state.SkipWithError("refused");
    }
  }
  for (auto _ : state) {
    auto log = FileLogStore::Open({.fs = fs.get(), .clock = &clock, .dir = dir.path()});
    if (!log.ok() || (*log)->state().identities != events) state.SkipWithError("not all there");
    state.PauseTiming();
    log->reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Open)
    ->Arg(10'000'000)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(3);

}  // namespace
}  // namespace tidemark::ingest
