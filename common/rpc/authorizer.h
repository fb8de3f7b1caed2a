#ifndef TIDEMARK_COMMON_RPC_AUTHORIZER_H_
#define TIDEMARK_COMMON_RPC_AUTHORIZER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::rpc {

// Who is calling, as far as the token tells. `roles` is a set of bits whose meaning belongs to
// the services.
struct Caller {
  std::string token_name;
  std::string principal;
  uint32_t roles = 0;
  std::vector<std::string> sources;
  std::string region_scope;
  // Whom the caller acts for, by name; empty: nobody else.
  std::string acts_for;
};

// Decides before a request is parsed. Thread-safe; must not block (it runs on gRPC's threads).
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // `method` is "/tidemark.ingest.v1.IngestService/SubmitEvents"; `bearer` is the token without
  // "Bearer ", empty when the caller sent none. UNAUTHENTICATED: missing or unknown token.
  // PERMISSION_DENIED: the role is not enough. A method it does not know is denied.
  virtual absl::StatusOr<Caller> Authorize(std::string_view method, std::string_view bearer) = 0;
};

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_AUTHORIZER_H_
