#include "services/catalog/store/use_seal.h"

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"

namespace tidemark::catalog {

int64_t SealOf(const UseSum& sum) {
  return base::Crc32c(absl::StrCat(sum.grant, ":", sum.day, ":", sum.purpose, ":", sum.units));
}

int64_t SealOf(const UseBatch& batch) {
  return base::Crc32c(
      absl::StrCat(batch.reporter, ":", batch.number, ":", batch.time_us, ":", batch.fingerprint));
}

}  // namespace tidemark::catalog
