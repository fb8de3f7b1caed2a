#include "clients/cpp/catalog/version_hash.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <openssl/sha.h>

#include <algorithm>
#include <vector>

#include "clients/cpp/catalog/change_bytes.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog_client {
namespace {

constexpr std::string_view kDomain = "tidemark-catalog-version\n";

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

}  // namespace

std::string ChangeBytes(const catalog::v1::Change& change) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    if (!change.has_before()) {
      change.SerializeToCodedStream(&coded);
    } else {
      catalog::v1::Change copy = change;
      copy.clear_before();
      copy.SerializeToCodedStream(&coded);
    }
  }
  return bytes;
}

std::string HashOfBytes(std::string_view previous_hash, uint64_t version,
                        absl::Span<const std::string_view> changes) {
  std::string input(kDomain);
  input.append(previous_hash);
  AppendBigEndian(version, 8, &input);
  for (const std::string_view bytes : changes) {
    AppendBigEndian(bytes.size(), 4, &input);
    input.append(bytes);
  }
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(input.data()), input.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::string ZeroHash() { return std::string(SHA256_DIGEST_LENGTH, '\0'); }

std::string NextVersionHash(std::string_view previous_hash, uint64_t version,
                            absl::Span<const catalog::v1::Change* const> changes) {
  std::vector<const catalog::v1::Change*> sorted(changes.begin(), changes.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->name() < b->name(); });
  std::vector<std::string> bytes;
  bytes.reserve(sorted.size());
  for (const auto* change : sorted) bytes.push_back(ChangeBytes(*change));
  const std::vector<std::string_view> views(bytes.begin(), bytes.end());
  return HashOfBytes(previous_hash, version, views);
}

}  // namespace tidemark::catalog_client
