#ifndef TIDEMARK_COMMON_RPC_SERVER_RUNTIME_H_
#define TIDEMARK_COMMON_RPC_SERVER_RUNTIME_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grpc {
class Service;
}

namespace tidemark::rpc {

class StreamRegistry;

// Blocks SIGTERM and SIGINT in this thread and those it starts, ignores SIGPIPE, and silences
// protobuf's own log. First thing in the main of a server, before any thread exists.
void PrepareServerProcess();

// How long connections live, and how a server goes.
struct Lifetimes {
  // Connections are closed gently at this age (jittered by a tenth), so that clients look addresses
  // up again and meet new replicas; at least a second.
  absl::Duration max_connection_age = absl::Minutes(10);
  // What calls get to end after that; longer than the longest unary one.
  absl::Duration max_connection_age_grace = absl::Minutes(2);
  // Between NOT_SERVING and refusing calls, so that balancers look away first.
  absl::Duration drain_delay = absl::ZeroDuration();
  // Calls still running after this are cancelled.
  absl::Duration shutdown_grace = absl::Seconds(5);
};

// The name by which a server is told from its replicas, when nobody gave it one: its address; the
// machine's name where it listens on all of the machine's addresses (0.0.0.0, [::]).
std::string InstanceName(std::string_view listen_address);

// One gRPC server: listening socket, TLS, health, reflection, keepalive, drain.
//
//   TM_ASSIGN_OR_RETURN(auto runtime, ServerRuntime::Create({...}));
//   runtime->SetReady(true);
//   runtime->Run();                       // until SIGTERM or SIGINT
//   executor.Shutdown();                  // then executors, then stores
class ServerRuntime {
 public:
  struct Options {
    // In the log.
    std::string name;
    // "127.0.0.1:7301"; port 0 takes a free one.
    std::string listen_address;
    // Not owned; outlive the runtime.
    std::vector<grpc::Service*> services;
    // Full names for health, "tidemark.ingest.v1.IngestService". "" is added.
    std::vector<std::string> service_names;
    // PEM files; both or none. A client CA makes client certificates compulsory.
    std::string tls_certificate_file;
    std::string tls_key_file;
    std::string tls_client_ca_file;
    size_t max_receive_bytes = size_t{4} << 20;
    size_t max_send_bytes = size_t{64} << 20;
    // Of all connections together: bytes of requests that are being received or wait for their
    // answer, counted by gRPC before anybody knows whose they are. Above it gRPC slows senders
    // down and cuts calls off (RESOURCE_EXHAUSTED or UNAVAILABLE at the client).
    size_t request_memory = size_t{256} << 20;
    // Per connection; more calls of one client wait for their turn at the client.
    int max_concurrent_streams = 100;
    Lifetimes lifetimes;
    // Streams to end at shutdown; not owned, may be null.
    StreamRegistry* streams = nullptr;
  };

  // Listens; health says NOT_SERVING until SetReady(true). UNAVAILABLE when the address cannot
  // be bound, INVALID_ARGUMENT for a bad address, TLS files or durations.
  static absl::StatusOr<std::unique_ptr<ServerRuntime>> Create(Options options);
  // Calls Shutdown().
  ~ServerRuntime();

  int port() const;
  // "host:port" with the real port.
  const std::string& address() const;

  // For all services, or for one. After Shutdown began nothing is ready any more.
  void SetReady(bool ready);
  void SetServiceReady(std::string_view service_name, bool ready);

  // Blocks until SIGTERM or SIGINT (PrepareServerProcess must have been called), then drains.
  void Run();

  // NOT_SERVING, drain delay (calls are still taken), streams end, no new connections and calls,
  // calls under way end or are cancelled after the grace. Blocks
  // until the last handler has answered: handlers must answer when cancelled. Idempotent.
  void Shutdown();

 private:
  struct State;
  explicit ServerRuntime(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_SERVER_RUNTIME_H_
