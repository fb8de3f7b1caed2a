#include "services/analytics/domain/precedence_history.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/catalog_history.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

using catalog_client::EntityType;

constexpr catalog_client::EntityTypes kSays = catalog_client::TypeBit(EntityType::kObservatory) |
                                              catalog_client::TypeBit(EntityType::kCategory);
constexpr size_t kKept = 8;

}  // namespace

absl::StatusOr<std::shared_ptr<const Precedence>> PrecedenceHistory::At(uint64_t version) {
  if (version > catalog_.stored_version()) {
    return absl::UnavailableError(
        absl::StrCat("catalog version ", version, " is not loaded yet (have ",
                     catalog_.stored_version(), "): which source's event counts follows from it"));
  }
  const uint64_t changed = catalog_.LastVersionThatChanged(kSays, version);
  {
    base::MutexLock lock(mutex_);
    for (const auto& [at, precedence] : made_) {
      if (at == changed) return precedence;
    }
  }
  std::shared_ptr<const Precedence> precedence = std::make_shared<Precedence>();
  if (changed > 0) {
    TM_ASSIGN_OR_RETURN(const auto view, catalog_.ViewAt(changed));
    precedence = std::make_shared<Precedence>(*view);
  }
  base::MutexLock lock(mutex_);
  made_.emplace_front(changed, precedence);
  if (made_.size() > kKept) made_.pop_back();
  return precedence;
}

}  // namespace tidemark::analytics
