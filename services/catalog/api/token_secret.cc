#include "services/catalog/api/token_secret.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tidemark::catalog {

std::string NewTokenSecret() {
  char random[32];
  size_t filled = 0;
  while (filled < sizeof(random)) {
    const ssize_t got = getrandom(random + filled, sizeof(random) - filled, 0);
    if (got < 0 && errno != EINTR) std::abort();
    if (got > 0) filled += static_cast<size_t>(got);
  }
  return absl::StrCat("tm_", absl::WebSafeBase64Escape(std::string_view(random, sizeof(random))));
}

}  // namespace tidemark::catalog
