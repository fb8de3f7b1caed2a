#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_FIELD_WALK_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_FIELD_WALK_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "tidemark/catalog/v1/rules.pb.h"

namespace tidemark::catalog {

inline const v1::Rule& RuleOf(const google::protobuf::FieldDescriptor& field) {
  return field.options().GetExtension(v1::rule);
}

// The message as the type that it is; null when it is another.
template <typename T>
const T* As(const google::protobuf::Message& message) {
  return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

// "criteria[2].weight" of "criteria[2]" and "weight".
inline std::string Join(std::string_view path, std::string_view field) {
  return path.empty() ? std::string(field) : absl::StrCat(path, ".", field);
}

// The elements of a field: of a list or map each, of another the one, if it is set.
int ElementCount(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field);
// Where an element stands.
std::string ElementPath(std::string_view path, const google::protobuf::FieldDescriptor& field,
                        int index);
const google::protobuf::Message& MessageAt(const google::protobuf::Message& message,
                                           const google::protobuf::FieldDescriptor& field,
                                           int index);
std::string TextAt(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor& field, int index);
int EnumAt(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
           int index);
// Of any integer type.
int64_t IntegerAt(const google::protobuf::Message& message,
                  const google::protobuf::FieldDescriptor& field, int index);

// Whether the field holds the same in both messages, which are of one type.
bool SameField(const google::protobuf::Message& before, const google::protobuf::Message& after,
               const google::protobuf::FieldDescriptor& field);

// Calls `visit` for `message` and every message in it, from outside in, with where each stands.
void ForEachMessage(
    const google::protobuf::Message& message, const std::string& path,
    absl::FunctionRef<void(const google::protobuf::Message&, const std::string& path)> visit);

// What a rule of a field says.
enum class Saying { kRefersTo, kMostAbove };
// Whether a field of messages of the type, or of messages in them, has a rule that says so. Of the
// types that resources are made of; cheap.
bool SaysBelow(const google::protobuf::Descriptor& type, Saying saying);
// As ForEachMessage, without messages in which no rule says so: most of a resource may be such, as
// the cells of a vintage are.
void ForEachMessageThatSays(
    const google::protobuf::Message& message, const std::string& path, Saying saying,
    absl::FunctionRef<void(const google::protobuf::Message&, const std::string& path)> visit);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_FIELD_WALK_H_
