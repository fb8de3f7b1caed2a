#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_ENUM_WORD_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_ENUM_WORD_H_

#include <google/protobuf/descriptor.h>

#include <string>

namespace tidemark::catalog_client {

// `CITY` of REGION_LEVEL_CITY: the name without the prefix that all values of the enum share.
std::string EnumWord(const google::protobuf::EnumValueDescriptor& value);
// As above; the number itself where the release does not know it.
std::string EnumWord(const google::protobuf::EnumDescriptor& type, int number);

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_ENUM_WORD_H_
