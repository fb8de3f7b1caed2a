#ifndef TIDEMARK_CLIENTS_CLI_APP_FULL_NAME_H_
#define TIDEMARK_CLIENTS_CLI_APP_FULL_NAME_H_

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace tidemark::cli {

// The name of a resource that people may write without its collection: `regions/cn-33` of `cn-33`.
// Empty stays empty.
inline std::string FullName(std::string_view collection, std::string_view text) {
  if (text.empty() || text.find('/') != std::string_view::npos) return std::string(text);
  return absl::StrCat(collection, "/", text);
}

// The id of a resource that people may write with its collection: `shop` of `sources/shop`.
inline std::string IdOf(std::string_view collection, std::string_view text) {
  const std::string prefix = absl::StrCat(collection, "/");
  return std::string(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
}

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_FULL_NAME_H_
