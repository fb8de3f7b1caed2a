#include <thread>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/heap.h"
#include "common/base/huge_blocks.h"
#include "common/config/config.h"
#include "common/log/log.h"
#include "common/rpc/server_flags.h"
#include "common/rpc/server_runtime.h"
#include "services/analytics/app/analytics_app.h"
#include "services/analytics/app/flags.h"

int main(int argc, char** argv) {
  tidemark::log::SetProcessName("tidemark-analytics");
  tidemark::rpc::PrepareServerProcess();
  // Scans take and free large blocks on every core.
  tidemark::base::SetUpHeap(
      {.arenas = static_cast<int>(std::thread::hardware_concurrency()), .give_back = false});
  tidemark::base::UseHugePagesFrom(tidemark::base::kHugeBlockBytes);
  tidemark::config::ParseOrExit(
      argc, argv, "analytics",
      "Tidemark analytics service: folds the log and answers with statistics.\n\n"
      "  tidemark-analytics --data=/var/lib/tidemark/analytics \\\n"
      "      --service_token_file=/var/lib/tidemark/catalog/service.token");
  const tidemark::base::SystemClock clock;
  tidemark::analytics::AnalyticsApp::Options options = tidemark::analytics::OptionsFromFlags();
  if (const auto code =
          tidemark::rpc::RunHealthProbe(options.tls_certificate_file, options.tls_key_file)) {
    return *code;
  }
  options.clock = &clock;
  auto app = tidemark::analytics::AnalyticsApp::Start(options);
  if (!app.ok()) {
    tidemark::log::Error("cannot start", {{"code", absl::StatusCodeToString(app.status().code())},
                                          {"error", app.status().message()}});
    return tidemark::config::kExitFailure;
  }
  (*app)->Run();
  return 0;
}
