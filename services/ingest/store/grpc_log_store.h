#ifndef TIDEMARK_SERVICES_INGEST_STORE_GRPC_LOG_STORE_H_
#define TIDEMARK_SERVICES_INGEST_STORE_GRPC_LOG_STORE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ingest/domain/log_store.h"

namespace grpc {
class Channel;
}

namespace tidemark::ingest {

// GrpcLogStore: the log of another process, its owner, for a front that keeps nothing
// (`--store=grpc://host:port`; the RPCs are tidemark.internal.v1.LogStoreService).
//
//   TM_ASSIGN_OR_RETURN(auto log, GrpcLogStore::Open({.channel = channel, .token = token}));
//   batch.done = [](AppendResult result) { ... };
//   log->Append(&batch);
//
// Nothing is answered as accepted that the owner has not answered as durable. While the owner is
// away calls fail with UNAVAILABLE and RetryInfo, and nothing is tried again here: whether the
// batch was appended is not known, and its sender's next attempt finds out. `done` is called by
// threads of gRPC. One thread follows the owner's state.
class GrpcLogStore final : public LogStore {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    // Of role service.
    std::string token;
    // How long Open waits for an owner that is starting.
    absl::Duration connect_timeout = absl::Seconds(10);
    // Longest wait for one answer of the owner.
    absl::Duration call_timeout = absl::Seconds(30);
    // Between attempts to follow the owner.
    absl::Duration retry = absl::Milliseconds(250);
    // Most bytes of blocks kept for followers, who mostly ask for the newest.
    size_t block_cache_bytes = size_t{64} << 20;
  };

  // UNAVAILABLE: no owner answers at the address. PERMISSION_DENIED, UNAUTHENTICATED: the token.
  static absl::StatusOr<std::unique_ptr<GrpcLogStore>> Open(Options options);
  ~GrpcLogStore() override;

  // Refuses new batches (UNAVAILABLE) and waits for the answers to those under way.
  void Stop();
  // For pseudonyms; 32 bytes.
  const std::string& pseudonym_key() const;
  // Seeds of the hash of open codes, and the codes that the log knew when it was opened, under it.
  const std::array<uint64_t, 3>& open_code_seeds() const;
  const std::vector<uint64_t>& open_code_keys() const;

  const std::string& log_id() const override;
  const std::string& verifier_key() const override;
  // As the owner told last; holds everything that Append has answered.
  LogState state() const override;
  absl::Status CheckWritable() const override;
  void Append(AppendBatch* batch) override;
  // Told once: the owner follows the catalog, too.
  void MarkCatalog(const CatalogStamp& stamp) override;
  // Told once; lost when the owner is away.
  void CountRefused(std::vector<RefusedCount> counts) override;
  void ReadStatement(std::string source, int32_t day, absl::TimeZone zone,
                     absl::AnyInvocable<void(absl::StatusOr<Statement>)> done) override;
  void FindEvents(std::string source, std::vector<std::string> ids,
                  absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)> done) override;
  absl::Status ReadEvents(std::span<const uint64_t> leaves, const TakeEvent& take) override;
  absl::StatusOr<BlockRef> FindBlock(uint64_t leaf) const override;
  absl::Status ReadBlock(const BlockRef& ref, char* out) const override;
  void SetSizeListener(std::function<void()> listener) override;
  absl::StatusOr<StoredCheckpoint> NewestCheckpoint() override;
  absl::StatusOr<std::string> Leaf(uint64_t leaf) override;
  absl::StatusOr<std::vector<ledger::Hash>> InclusionProof(uint64_t leaf, uint64_t size) override;
  absl::StatusOr<std::vector<ledger::Hash>> ConsistencyProof(uint64_t old_size,
                                                             uint64_t new_size) override;
  absl::StatusOr<std::string> SourceOf(uint64_t leaf) override;

 private:
  struct Parts;
  explicit GrpcLogStore(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_GRPC_LOG_STORE_H_
