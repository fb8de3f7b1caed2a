#include "common/rpc/server_runtime.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/time.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/rpc/lock_checks.h"
#include "common/rpc/pem_file.h"
#include "common/rpc/raw_stream.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::rpc {
namespace {

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// gRPC keeps both settings for the process, and wants them before the first server.
void InitGrpcOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

int Millis(absl::Duration duration) {
  return static_cast<int>(
      std::min<int64_t>(absl::ToInt64Milliseconds(duration), std::numeric_limits<int>::max()));
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Credentials(
    const ServerRuntime::Options& options) {
  if (options.tls_certificate_file.empty() != options.tls_key_file.empty()) {
    return absl::InvalidArgumentError("tls_certificate_file and tls_key_file: want both or none");
  }
  if (options.tls_certificate_file.empty()) {
    if (!options.tls_client_ca_file.empty()) {
      return absl::InvalidArgumentError("tls_client_ca_file: want tls_certificate_file as well");
    }
    return grpc::InsecureServerCredentials();
  }
  TM_ASSIGN_OR_RETURN(std::string certificate,
                      ReadPemFile("tls_certificate_file", options.tls_certificate_file));
  TM_ASSIGN_OR_RETURN(std::string key, ReadPemFile("tls_key_file", options.tls_key_file));
  TM_ASSIGN_OR_RETURN(std::string client_ca,
                      ReadPemFile("tls_client_ca_file", options.tls_client_ca_file));
  grpc::SslServerCredentialsOptions ssl(
      client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                        : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_root_certs = std::move(client_ca);
  ssl.pem_key_cert_pairs.push_back({std::move(key), std::move(certificate)});
  return grpc::SslServerCredentials(ssl);
}

absl::Status CheckLifetimes(const Lifetimes& lifetimes) {
  if (lifetimes.max_connection_age < absl::Seconds(1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_connection_age: ", absl::FormatDuration(lifetimes.max_connection_age),
                     ", want 1s at least"));
  }
  for (const auto& [name, value] :
       {std::pair("max_connection_age_grace", lifetimes.max_connection_age_grace),
        std::pair("drain_delay", lifetimes.drain_delay),
        std::pair("shutdown_grace", lifetimes.shutdown_grace)}) {
    if (value >= absl::ZeroDuration()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", absl::FormatDuration(value), ", want 0 at least"));
  }
  return absl::OkStatus();
}

void Configure(const ServerRuntime::Options& options, grpc::ServerBuilder& builder) {
  // Without this a second server on the same port starts and takes half of the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_receive_bytes));
  builder.SetMaxSendMessageSize(static_cast<int>(options.max_send_bytes));
  grpc::ResourceQuota quota(options.name);
  quota.Resize(options.request_memory);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             Millis(options.lifetimes.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             Millis(options.lifetimes.max_connection_age_grace));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // Below the 30 s of channel_factory, or idle followers would be cut off for pinging too often.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
}

}  // namespace

struct ServerRuntime::State {
  Options options;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::string address;
  std::once_flag shutdown;
  // Those who tell health go on telling while the server drains.
  std::mutex health_mutex;
  bool draining = false;
};

std::string InstanceName(std::string_view listen_address) {
  if (!listen_address.starts_with("0.0.0.0:") && !listen_address.starts_with("[::]:")) {
    return std::string(listen_address);
  }
  char name[HOST_NAME_MAX + 1] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0) return std::string(listen_address);
  return name;
}

void PrepareServerProcess() {
  const sigset_t signals = TerminationSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  // It would write a line, with a client's bytes, for each request that does not parse.
  google::protobuf::SetLogHandler(nullptr);
}

absl::StatusOr<std::unique_ptr<ServerRuntime>> ServerRuntime::Create(Options options) {
  const size_t colon = options.listen_address.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return absl::InvalidArgumentError(absl::StrCat("listen address: \"", options.listen_address,
                                                   "\", want host:port, as 127.0.0.1:7301"));
  }
  TM_RETURN_IF_ERROR(CheckLifetimes(options.lifetimes));
  SkipLockOrderChecks();
  InitGrpcOnce();
  TM_ASSIGN_OR_RETURN(const auto credentials, Credentials(options));
  auto state = std::make_unique<State>();
  grpc::ServerBuilder builder;
  Configure(options, builder);
  builder.AddListeningPort(options.listen_address, credentials, &state->port);
  for (grpc::Service* service : options.services) builder.RegisterService(service);
  state->server = builder.BuildAndStart();
  if (state->server == nullptr || state->port == 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", options.listen_address,
        "; is the port taken, the host not of this machine, or a TLS file no valid PEM?"));
  }
  state->address = absl::StrCat(options.listen_address.substr(0, colon), ":", state->port);
  state->options = std::move(options);
  std::unique_ptr<ServerRuntime> runtime(new ServerRuntime(std::move(state)));
  runtime->SetReady(false);
  log::Info("listening",
            {{"server", runtime->state_->options.name}, {"address", runtime->address()}});
  return runtime;
}

ServerRuntime::ServerRuntime(std::unique_ptr<State> state) : state_(std::move(state)) {}
ServerRuntime::~ServerRuntime() { Shutdown(); }

int ServerRuntime::port() const { return state_->port; }
const std::string& ServerRuntime::address() const { return state_->address; }

void ServerRuntime::SetServiceReady(std::string_view service_name, bool ready) {
  const std::lock_guard lock(state_->health_mutex);
  state_->server->GetHealthCheckService()->SetServingStatus(std::string(service_name),
                                                            ready && !state_->draining);
}

void ServerRuntime::SetReady(bool ready) {
  SetServiceReady("", ready);
  for (const std::string& name : state_->options.service_names) SetServiceReady(name, ready);
}

void ServerRuntime::Run() {
  const sigset_t signals = TerminationSignals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  log::Info("draining", {{"server", state_->options.name}, {"signal", signal}});
  // Whoever signals again does not want to wait for the drain; stores survive a kill.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  Shutdown();
  log::Info("stopped", {{"server", state_->options.name}});
}

void ServerRuntime::Shutdown() {
  std::call_once(state_->shutdown, [this] {
    {
      const std::lock_guard lock(state_->health_mutex);
      state_->draining = true;
      // Every name, also those that SetReady does not know.
      state_->server->GetHealthCheckService()->SetServingStatus(false);
    }
    if (state_->options.lifetimes.drain_delay > absl::ZeroDuration()) {
      std::this_thread::sleep_for(absl::ToChronoNanoseconds(state_->options.lifetimes.drain_delay));
    }
    if (state_->options.streams != nullptr) {
      state_->options.streams->CloseAll(status::WithReason(
          absl::UnavailableError("the server is shutting down; connect again and resume"),
          "SHUTTING_DOWN"));
    }
    const gpr_timespec grace = gpr_time_from_millis(
        absl::ToInt64Milliseconds(state_->options.lifetimes.shutdown_grace), GPR_TIMESPAN);
    state_->server->Shutdown(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), grace));
    state_->server->Wait();
  });
}

}  // namespace tidemark::rpc
