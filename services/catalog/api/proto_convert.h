#ifndef TIDEMARK_SERVICES_CATALOG_API_PROTO_CONVERT_H_
#define TIDEMARK_SERVICES_CATALOG_API_PROTO_CONVERT_H_

#include "services/catalog/domain/apply_plan.h"
#include "services/catalog/domain/catalog_store.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog::v1 {
class Change;
class Resource;
class Token;
}  // namespace tidemark::catalog::v1

// The only place that knows both the protos and the domain's types. Nothing is judged here:
// numbers that are no value of an enum pass through, and the domain refuses them.
namespace tidemark::catalog {

// Output-only fields are left out.
WantedState FromProto(const v1::Resource& proto);
Token FromProto(const v1::Token& proto);

struct Show {
  // SHA-256 of a token's secret: for role service only.
  bool secret_hashes = false;
  // Of states that a dry run made up there is none.
  bool etag = true;
};
void ToProto(const Resource& resource, Show show, v1::Resource* proto);

// `before` is left out when it is not set.
void ToProto(const Change& change, Show show, v1::Change* proto);
// As watchers get it: the state's bytes as they are stored, whatever they hold.
void ToProto(StoredChange change, v1::Change* proto);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_PROTO_CONVERT_H_
