#ifndef TIDEMARK_COMMON_RPC_SERVER_FLAGS_H_
#define TIDEMARK_COMMON_RPC_SERVER_FLAGS_H_

#include <optional>
#include <string>

#include "common/rpc/server_runtime.h"

// Flags that every server has: --max_connection_age, --max_connection_age_grace, --drain_delay,
// --shutdown_grace, --health_probe. Linked by the flags of a service, never by its tests.
namespace tidemark::rpc {

Lifetimes LifetimesFromFlags();

// With --health_probe asks a server for its health, says so on stderr when it is not SERVING, and
// returns the exit code, 0 for SERVING. Nothing without the flag: go on and serve.
std::optional<int> RunHealthProbe(const std::string& tls_certificate_file,
                                  const std::string& tls_key_file);

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_SERVER_FLAGS_H_
