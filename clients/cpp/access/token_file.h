#ifndef TIDEMARK_CLIENTS_CPP_ACCESS_TOKEN_FILE_H_
#define TIDEMARK_CLIENTS_CPP_ACCESS_TOKEN_FILE_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Where secrets are kept on disk and how they are found. Blocks on files.
namespace tidemark::access {

// `tm_` and 43 characters of base64url.
bool LooksLikeToken(std::string_view text);

// The token in `path`, outer blanks removed. NOT_FOUND: no such file. PERMISSION_DENIED: cannot
// be read, or group or others can read it (wants mode 0600). INVALID_ARGUMENT: holds no token.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

// Creates `path` with mode 0600, replacing it as a whole. Makes no folders.
absl::Status WriteTokenFile(const std::string& path, std::string_view token);

struct TokenSearch {
  // --token-file; empty: not given.
  std::string token_file;
  // Value of an environment variable, none when unset. Wraps getenv; tests bring their own.
  std::function<std::optional<std::string>(const char* name)> environment;
};

struct FoundToken {
  std::string secret;
  // Where it was found, for people: `$TIDEMARK_TOKEN`, or the path of a file.
  std::string place;
};

// In this order: --token-file; $TIDEMARK_TOKEN; $TIDEMARK_TOKEN_FILE; catalog/admin.token below
// $TIDEMARK_DATA, or below ~/.tidemark, or below ./data, whichever is there first. What is named
// must be usable; only the default places may be missing. NOT_FOUND lists where was looked.
absl::StatusOr<FoundToken> FindToken(const TokenSearch& search);

}  // namespace tidemark::access

#endif  // TIDEMARK_CLIENTS_CPP_ACCESS_TOKEN_FILE_H_
