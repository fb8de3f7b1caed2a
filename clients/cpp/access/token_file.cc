#include "clients/cpp/access/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/scoped_fd.h"
#include "common/status/status_macros.h"

namespace tidemark::access {
namespace {

constexpr std::string_view kPrefix = "tm_";
constexpr size_t kSecretCharacters = 43;
constexpr std::string_view kAdminToken = "catalog/admin.token";
// A token and some blanks; more is another kind of file.
constexpr size_t kMaxFileBytes = 256;

absl::Status FromErrno(std::string_view path, std::string_view action) {
  const int error = errno;
  const std::string message =
      absl::StrCat("token file ", path, ": ", action, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

absl::StatusOr<std::string> ReadWhole(int fd, const std::string& path) {
  std::string text(kMaxFileBytes + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FromErrno(path, "read");
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  text.resize(size);
  return text;
}

absl::Status WriteWhole(int fd, const std::string& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return FromErrno(path, "write");
    text.remove_prefix(static_cast<size_t>(put));
  }
  return ::fsync(fd) == 0 ? absl::OkStatus() : FromErrno(path, "fsync");
}

absl::StatusOr<FoundToken> ReadFound(const std::string& path) {
  TM_ASSIGN_OR_RETURN(std::string secret, ReadTokenFile(path));
  return FoundToken{std::move(secret), path};
}

}  // namespace

bool LooksLikeToken(std::string_view text) {
  if (!text.starts_with(kPrefix)) return false;
  text.remove_prefix(kPrefix.size());
  if (text.size() != kSecretCharacters) return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  const base::ScopedFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return FromErrno(path, "open");
  struct stat info = {};
  if (::fstat(fd.get(), &info) != 0) return FromErrno(path, "stat");
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat("token file ", path, " is not a file"));
  }
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrFormat("token file %s has mode %04o, so others can use the token; run: "
                        "chmod 600 %s",
                        path, info.st_mode & 07777, path));
  }
  TM_ASSIGN_OR_RETURN(const std::string text, ReadWhole(fd.get(), path));
  const std::string_view token = absl::StripAsciiWhitespace(text);
  if (!LooksLikeToken(token)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "token file ", path, " holds no token: want one line, `tm_` and 43 characters"));
  }
  return std::string(token);
}

absl::Status WriteTokenFile(const std::string& path, std::string_view token) {
  const std::string temporary = path + ".tmp";
  // The mode is set at creation: the secret is never in a file that others can open.
  ::unlink(temporary.c_str());
  {
    const base::ScopedFd fd(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (fd.get() < 0) return FromErrno(temporary, "create");
    TM_RETURN_IF_ERROR(WriteWhole(fd.get(), temporary, absl::StrCat(token, "\n")));
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return FromErrno(path, "rename");
  return absl::OkStatus();
}

absl::StatusOr<FoundToken> FindToken(const TokenSearch& search) {
  // What is said for this one call goes before what is set for all.
  if (!search.token_file.empty()) return ReadFound(search.token_file);
  if (const auto token = search.environment("TIDEMARK_TOKEN"); token && !token->empty()) {
    if (!LooksLikeToken(*token)) {
      return absl::InvalidArgumentError(
          "$TIDEMARK_TOKEN holds no token: want `tm_` and 43 characters");
    }
    return FoundToken{*token, "$TIDEMARK_TOKEN"};
  }
  if (const auto file = search.environment("TIDEMARK_TOKEN_FILE"); file && !file->empty()) {
    return ReadFound(*file);
  }
  std::vector<std::string> places;
  if (const auto data = search.environment("TIDEMARK_DATA"); data && !data->empty()) {
    places.push_back(absl::StrCat(*data, "/", kAdminToken));
  }
  if (const auto home = search.environment("HOME"); home && !home->empty()) {
    places.push_back(absl::StrCat(*home, "/.tidemark/", kAdminToken));
  }
  places.push_back(absl::StrCat("./data/", kAdminToken));
  for (const std::string& place : places) {
    absl::StatusOr<FoundToken> token = ReadFound(place);
    if (!absl::IsNotFound(token.status())) return token;
  }
  return absl::NotFoundError(
      absl::StrCat("no token found: set $TIDEMARK_TOKEN, or name a file with --token-file or "
                   "$TIDEMARK_TOKEN_FILE; also looked for ",
                   absl::StrJoin(places, ", ")));
}

}  // namespace tidemark::access
