#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/heap.h"
#include "common/base/ticker.h"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/rpc/server_flags.h"
#include "common/rpc/server_runtime.h"
#include "services/ingest/app/flags.h"
#include "services/ingest/app/ingest_app.h"

int main(int argc, char** argv) {
  tidemark::log::SetProcessName("tidemark-ingest");
  tidemark::rpc::PrepareServerProcess();
  tidemark::base::SetUpHeap({});
  tidemark::config::ParseOrExit(
      argc, argv, "ingest",
      "Tidemark ingest service: turns batches of events into a durable, ordered, tamper-evident "
      "log.\n\n"
      "  tidemark-ingest --data=/var/lib/tidemark/ingest \\\n"
      "      --service_token_file=/var/lib/tidemark/catalog/service.token\n"
      "  tidemark-ingest --check --data=/var/lib/tidemark/ingest");
  const tidemark::base::Ticker trim(tidemark::base::kTrimInterval, tidemark::base::TrimHeap);
  const tidemark::base::SystemClock clock;
  tidemark::ingest::IngestApp::Options options = tidemark::ingest::OptionsFromFlags();
  if (const auto code =
          tidemark::rpc::RunHealthProbe(options.tls_certificate_file, options.tls_key_file)) {
    return *code;
  }
  if (tidemark::ingest::CheckWanted()) {
    return tidemark::ingest::CheckLogAndPrint(options.data_dir, tidemark::ingest::KeptCheckpoint());
  }
  options.clock = &clock;
  auto app = tidemark::ingest::IngestApp::Start(options);
  if (!app.ok()) {
    tidemark::log::Error("cannot start", {{"code", absl::StatusCodeToString(app.status().code())},
                                          {"error", app.status().message()}});
    return tidemark::config::kExitFailure;
  }
  (*app)->Run();
  return 0;
}
