#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_DOCUMENT_MESSAGE_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_DOCUMENT_MESSAGE_H_

#include <google/protobuf/message.h>

#include <memory>
#include <optional>
#include <string>

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// The message of tidemark.catalog.v1 that documents of the type are.
const google::protobuf::Descriptor* DescriptorOf(Type type);

// Null when the bytes are no such message.
std::unique_ptr<google::protobuf::Message> MessageOf(const Document& document);

// The message of a resource of the type that M is; nothing when it is of another.
template <typename M>
std::optional<M> MessageIn(const Resource& resource) {
  const auto* document = std::get_if<Document>(&resource.content);
  if (document == nullptr || DescriptorOf(document->type) != M::descriptor()) return std::nullopt;
  M message;
  if (!message.ParseFromString(document->bytes)) return std::nullopt;
  return message;
}

// The one byte form of a message: fields ascending, defaults left out, maps by key, without fields
// that this release does not know.
std::string CanonicalBytes(const google::protobuf::Message& message);

Document DocumentOf(Type type, const google::protobuf::Message& message);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_DOCUMENT_MESSAGE_H_
