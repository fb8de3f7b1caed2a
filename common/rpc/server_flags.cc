#include "common/rpc/server_flags.h"

#include <cstdio>

#include "absl/flags/flag.h"
#include "common/rpc/health_probe.h"

ABSL_FLAG(absl::Duration, max_connection_age, tidemark::rpc::Lifetimes().max_connection_age,
          "Connections are closed gently at this age, so that clients meet new replicas: a "
          "duration, such as 10m.");
ABSL_FLAG(absl::Duration, max_connection_age_grace,
          tidemark::rpc::Lifetimes().max_connection_age_grace,
          "What calls and streams get to end after --max_connection_age.");
ABSL_FLAG(absl::Duration, drain_delay, tidemark::rpc::Lifetimes().drain_delay,
          "After SIGTERM: how long calls are still taken while health says NOT_SERVING, so that "
          "balancers look away first.");
ABSL_FLAG(absl::Duration, shutdown_grace, tidemark::rpc::Lifetimes().shutdown_grace,
          "After --drain_delay: what calls under way get to end before they are cancelled.");
ABSL_FLAG(std::string, health_probe, "",
          "Ask the server at HOST:PORT, or HOST:PORT/SERVICE for one of its health names, whether "
          "it is ready, and exit; 0: it is. For the health checks of containers.");

namespace tidemark::rpc {

Lifetimes LifetimesFromFlags() {
  return {.max_connection_age = absl::GetFlag(FLAGS_max_connection_age),
          .max_connection_age_grace = absl::GetFlag(FLAGS_max_connection_age_grace),
          .drain_delay = absl::GetFlag(FLAGS_drain_delay),
          .shutdown_grace = absl::GetFlag(FLAGS_shutdown_grace)};
}

std::optional<int> RunHealthProbe(const std::string& tls_certificate_file,
                                  const std::string& tls_key_file) {
  const std::string target = absl::GetFlag(FLAGS_health_probe);
  if (target.empty()) return std::nullopt;
  const size_t slash = target.find('/');
  const absl::Status health =
      Probe({.address = target.substr(0, slash),
             .service = slash == std::string::npos ? "" : target.substr(slash + 1),
             .tls_certificate_file = tls_certificate_file,
             .tls_key_file = tls_key_file});
  if (health.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(health.message()).c_str());
  return 1;
}

}  // namespace tidemark::rpc
