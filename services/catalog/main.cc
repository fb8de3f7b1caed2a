#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/heap.h"
#include "common/base/ticker.h"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/rpc/server_flags.h"
#include "common/rpc/server_runtime.h"
#include "services/catalog/app/catalog_app.h"
#include "services/catalog/app/flags.h"

int main(int argc, char** argv) {
  tidemark::log::SetProcessName("tidemark-catalog");
  tidemark::rpc::PrepareServerProcess();
  tidemark::base::SetUpHeap({});
  tidemark::config::ParseOrExit(argc, argv, "catalog",
                                "Tidemark catalog service: keeps the reference data that events "
                                "and statistics are judged by.\n\n"
                                "  tidemark-catalog --data=/var/lib/tidemark/catalog");
  const tidemark::base::Ticker trim(tidemark::base::kTrimInterval, tidemark::base::TrimHeap);
  const tidemark::base::SystemClock clock;
  tidemark::catalog::CatalogApp::Options options = tidemark::catalog::OptionsFromFlags();
  if (const auto code =
          tidemark::rpc::RunHealthProbe(options.tls_certificate_file, options.tls_key_file)) {
    return *code;
  }
  options.clock = &clock;
  auto app = tidemark::catalog::CatalogApp::Start(options);
  if (!app.ok()) {
    tidemark::log::Error("cannot start", {{"code", absl::StatusCodeToString(app.status().code())},
                                          {"error", app.status().message()}});
    return tidemark::config::kExitFailure;
  }
  (*app)->Run();
  return 0;
}
