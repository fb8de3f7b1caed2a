#ifndef TIDEMARK_SERVICES_INGEST_TESTING_LOG_OWNER_H_
#define TIDEMARK_SERVICES_INGEST_TESTING_LOG_OWNER_H_

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/rpc/raw_stream.h"
#include "common/testing/in_process_server.h"
#include "services/ingest/api/log_store_service.h"
#include "services/ingest/api/tail.h"
#include "services/ingest/domain/open_codes.h"
#include "services/ingest/store/file_log_store.h"

namespace tidemark::ingest {

// The owner of a log, as an ingest service is one for its fronts.
class LogOwner {
 public:
  LogOwner(std::unique_ptr<FileLogStore> opened, const base::Clock* clock,
           const std::string& listen = "127.0.0.1:0")
      : log(std::move(opened)) {
    log->SetSizeListener([this] { hub.WakeAll(); });
    service = NewLogStoreService({.log = log.get(),
                                  .open_codes = &open_codes,
                                  .hub = &hub,
                                  .clock = clock,
                                  .authorizer = &authorizer,
                                  .streams = &streams,
                                  .submit_executor = &submits,
                                  .read_executor = &reads,
                                  .tail_executor = &tails,
                                  .pseudonym_key = log->pseudonym_key()});
    rpc::ServerRuntime::Options options;
    options.name = "owner";
    options.listen_address = listen;
    options.services = {service.get()};
    options.max_receive_bytes = kMaxAppendBytes;
    options.max_send_bytes = size_t{128} << 20;
    options.streams = &streams;
    server = std::make_unique<testing::InProcessServer>(std::move(options));
  }
  ~LogOwner() {
    server.reset();
    tails.Shutdown();
    reads.Shutdown();
    submits.Shutdown();
    log->Stop();
  }

  OpenCodes open_codes;
  TailHub hub;
  std::unique_ptr<FileLogStore> log;
  testing::FakeAuthorizer authorizer;
  rpc::StreamRegistry streams;
  base::ThreadPool submits{{.name = "submit", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool reads{{.name = "read", .threads = 2, .queue_limit = 1024}};
  base::ThreadPool tails{{.name = "tail", .threads = 1, .queue_limit = 1024}};
  std::unique_ptr<grpc::Service> service;
  std::unique_ptr<testing::InProcessServer> server;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_TESTING_LOG_OWNER_H_
