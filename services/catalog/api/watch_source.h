#ifndef TIDEMARK_SERVICES_CATALOG_API_WATCH_SOURCE_H_
#define TIDEMARK_SERVICES_CATALOG_API_WATCH_SOURCE_H_

#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/rpc/raw_stream.h"
#include "services/catalog/domain/catalog.h"

namespace tidemark::catalog::v1 {
class WatchResourcesResponse;
}

namespace tidemark::catalog {

class WatchHub;

// One watch: the backlog in steps of about 1 MiB, then each new version, and a beat in between. A
// version larger than a step is split; gRPC clients take 4 MiB by default.
// Ends with UNAUTHENTICATED when the caller's token is revoked or expires meanwhile.
class WatchSource final : public rpc::StreamSource {
 public:
  struct Options {
    // Not owned; outlive the source.
    const Catalog* catalog = nullptr;
    WatchHub* hub = nullptr;
    const base::Clock* clock = nullptr;
    std::string token_name;
    // Role service: tokens are among the changes, with the hashes of their secrets.
    bool tokens = false;
    // Version to start after; exists.
    uint64_t after_version = 0;
  };
  WatchSource(Options options, std::shared_ptr<rpc::StreamWaker> waker);
  ~WatchSource() override;

  absl::StatusOr<rpc::Pulled> Next(grpc::ByteBuffer* out) override;

 private:
  absl::Status CheckToken() const;
  // Moves on by a step; the message may stay empty when nothing of it may be shown.
  absl::Status TakeStep(v1::WatchResourcesResponse* message);

  const Options options_;
  const std::shared_ptr<rpc::StreamWaker> waker_;
  HistoryPosition at_;
  // Of the last version sent whole; empty: not asked for yet.
  std::string hash_;
  // The last version of which something was shown.
  uint64_t shown_version_ = 0;
  // Beats seen when the watcher was last told that it is up to date.
  uint64_t told_at_beat_ = 0;
  bool told_ = false;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_WATCH_SOURCE_H_
