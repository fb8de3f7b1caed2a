#include "services/catalog/store/version_hash.h"

#include <openssl/evp.h>

#include <memory>

namespace tidemark::catalog {
namespace {

constexpr std::string_view kDomain = "tidemark-catalog-version\n";
constexpr size_t kHashBytes = 32;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void Update(std::string_view bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }
  void UpdateBigEndian(uint64_t value, int bytes) {
    char buffer[8];
    for (int i = 0; i < bytes; ++i) buffer[i] = static_cast<char>(value >> (8 * (bytes - 1 - i)));
    Update({buffer, static_cast<size_t>(bytes)});
  }
  // With its length, so that no two lists of blocks have the same bytes.
  void UpdateBlock(std::string_view bytes) {
    UpdateBigEndian(bytes.size(), 4);
    Update(bytes);
  }
  std::string Finish() {
    std::string hash(kHashBytes, '\0');
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr);
    return hash;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string NextVersionHash(std::string_view previous_hash, std::span<const StoredChange> changes) {
  const StoredChange& first = changes.front();
  Sha256 sha;
  sha.Update(kDomain);
  sha.Update(previous_hash);
  sha.UpdateBigEndian(first.version, 8);
  sha.UpdateBigEndian(static_cast<uint64_t>(first.time_us), 8);
  sha.UpdateBlock(first.changed_by);
  for (const StoredChange& change : changes) {
    sha.UpdateBigEndian(static_cast<uint64_t>(change.kind), 4);
    sha.UpdateBlock(change.name);
    sha.UpdateBlock(change.state);
  }
  return sha.Finish();
}

}  // namespace tidemark::catalog
