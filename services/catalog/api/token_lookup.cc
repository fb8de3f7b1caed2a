#include "services/catalog/api/token_lookup.h"

#include <string>

namespace tidemark::catalog {
namespace {

std::string IdOf(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace

absl::StatusOr<std::optional<access::TokenRecord>> CatalogTokenLookup::FindBySecretHash(
    std::string_view secret_hash) const {
  const ResourcePtr resource = catalog_->FindToken(secret_hash);
  if (resource == nullptr) return std::nullopt;
  const Token& token = std::get<Token>(resource->content);
  access::TokenRecord record = {.id = IdOf(resource->name),
                                .principal = token.principal,
                                .region_scope = token.region_scope,
                                .acts_for = token.acts_for,
                                .expire_time_us = token.expire_time_us,
                                .secret_hash = token.secret_hash};
  for (const Role role : token.roles) {
    record.roles |= access::Bit(static_cast<access::Role>(static_cast<int>(role)));
  }
  // IdOf leaves `*` as it is.
  for (const std::string& source : token.sources) record.sources.push_back(IdOf(source));
  return record;
}

}  // namespace tidemark::catalog
