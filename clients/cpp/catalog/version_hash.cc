#include "clients/cpp/catalog/version_hash.h"

#include <openssl/sha.h>

#include <algorithm>
#include <vector>

#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog_client {
namespace {

constexpr std::string_view kDomain = "tidemark-catalog-version\n";

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

void AppendBlock(std::string_view bytes, std::string* out) {
  AppendBigEndian(bytes.size(), 4, out);
  out->append(bytes);
}

}  // namespace

std::string ZeroHash() { return std::string(SHA256_DIGEST_LENGTH, '\0'); }

std::string NextVersionHash(std::string_view previous_hash,
                            absl::Span<const catalog::v1::Change* const> changes) {
  std::vector<const catalog::v1::Change*> sorted(changes.begin(), changes.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const auto* a, const auto* b) { return a->name() < b->name(); });
  const catalog::v1::Change& first = *sorted.front();
  std::string input(kDomain);
  input.append(previous_hash);
  AppendBigEndian(first.version(), 8, &input);
  AppendBigEndian(static_cast<uint64_t>(first.time_us()), 8, &input);
  AppendBlock(first.changed_by(), &input);
  for (const auto* change : sorted) {
    AppendBigEndian(static_cast<uint64_t>(change->kind()), 4, &input);
    AppendBlock(change->name(), &input);
    AppendBlock(change->state(), &input);
  }
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(input.data()), input.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

}  // namespace tidemark::catalog_client
