#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_BYTE_SOURCE_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace tidemark::importer {

// Bytes from first to last. Blocks. Not thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills at most `size` bytes; 0: the end.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;
  // Bytes taken from the outermost source (of the file as stored), for progress.
  virtual uint64_t consumed() const = 0;
};

// A file; NOT_FOUND and PERMISSION_DENIED name it.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenFile(const std::string& path);
// Standard input; `in` must outlive the source.
std::unique_ptr<ByteSource> StreamSource(std::istream& in);

// Unpacks gzip (also several members one after another) when the first two bytes say so; else
// passes the bytes on. DATA_LOSS with the offset for damaged or cut data.
std::unique_ptr<ByteSource> MaybeGunzip(std::unique_ptr<ByteSource> source);

// Converts to UTF-8. `encoding` is a name that iconv knows (gbk, gb18030, latin1, utf-16 ...);
// "utf-8" passes the bytes on. Bytes that mean nothing become U+FFFD. INVALID_ARGUMENT: unknown
// name.
absl::StatusOr<std::unique_ptr<ByteSource>> ToUtf8(std::unique_ptr<ByteSource> source,
                                                   const std::string& encoding);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_BYTE_SOURCE_H_
