#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_DOCUMENT_MESSAGE_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_DOCUMENT_MESSAGE_H_

#include <google/protobuf/message.h>

#include <memory>
#include <string>

#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// The message of tidemark.catalog.v1 that documents of the type are.
const google::protobuf::Descriptor* DescriptorOf(Type type);

// Null when the bytes are no such message.
std::unique_ptr<google::protobuf::Message> MessageOf(const Document& document);

// The one byte form of a message: fields ascending, defaults left out, maps by key, without fields
// that this release does not know.
std::string CanonicalBytes(const google::protobuf::Message& message);

Document DocumentOf(Type type, const google::protobuf::Message& message);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_DOCUMENT_MESSAGE_H_
