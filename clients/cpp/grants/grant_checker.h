#ifndef TIDEMARK_CLIENTS_CPP_GRANTS_GRANT_CHECKER_H_
#define TIDEMARK_CLIENTS_CPP_GRANTS_GRANT_CHECKER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/grants/grant_decision.h"
#include "clients/cpp/grants/use_meter.h"
#include "common/base/clock.h"

namespace tidemark::grants {

// Permission to use an asset once; the use counts when `use` is committed.
struct PermittedUse {
  // What it was judged by; keeps asset and grant.
  std::shared_ptr<const catalog_client::CatalogView> view;
  const catalog_client::DataAsset* asset = nullptr;
  const catalog_client::Grant* grant = nullptr;
  UseReservation use;
};

// GrantChecker: may a caller use an asset now? Decided in the catalog view that the service
// follows and by what the meter knows was used; no call is made. Thread-safe, does not block.
//
//   TM_ASSIGN_OR_RETURN(PermittedUse permitted,
//                       checker.Permit("dataAssets/a", call.caller.acts_for, purpose, 1));
//   ... answer ...
//   permitted.use.Commit();
class GrantChecker {
 public:
  struct Options {
    // The newest view.
    std::function<std::shared_ptr<const catalog_client::CatalogView>()> view;
    // Time since the catalog was last heard.
    std::function<absl::Duration()> age;
    // An older view could miss a revocation: nothing is permitted by it.
    absl::Duration max_age = absl::Seconds(60);
    // Not owned.
    const base::Clock* clock = nullptr;
    UseMeter* meter = nullptr;
  };
  explicit GrantChecker(Options options) : options_(std::move(options)) {}

  // `asset` and `grantee` are names, the latter of whom the caller acts for, perhaps empty;
  // `purpose` is a number of tidemark.type.v1.Purpose. PERMISSION_DENIED with the reasons of
  // grant_decision.h; UNAVAILABLE (GRANTS_STALE, USE_NOT_KNOWN); RESOURCE_EXHAUSTED
  // (USE_METER_FULL).
  absl::StatusOr<PermittedUse> Permit(std::string_view asset, std::string_view grantee, int purpose,
                                      uint64_t units) const;

 private:
  const Options options_;
};

}  // namespace tidemark::grants

#endif  // TIDEMARK_CLIENTS_CPP_GRANTS_GRANT_CHECKER_H_
