#include "services/catalog/types/field_walk.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

int ElementCount(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field);
  return reflection.HasField(message, &field) ? 1 : 0;
}

std::string ElementPath(std::string_view path, const FieldDescriptor& field, int index) {
  const std::string name = Join(path, field.name());
  return field.is_repeated() ? absl::StrCat(name, "[", index, "]") : name;
}

const Message& MessageAt(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, index)
                             : reflection.GetMessage(message, &field);
}

std::string TextAt(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.GetRepeatedString(message, &field, index)
                             : reflection.GetString(message, &field);
}

int EnumAt(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.GetRepeatedEnumValue(message, &field, index)
                             : reflection.GetEnumValue(message, &field);
}

int64_t IntegerAt(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool list = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return list ? reflection.GetRepeatedInt32(message, &field, index)
                  : reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return list ? reflection.GetRepeatedUInt32(message, &field, index)
                  : reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return list ? reflection.GetRepeatedInt64(message, &field, index)
                  : reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(list ? reflection.GetRepeatedUInt64(message, &field, index)
                                       : reflection.GetUInt64(message, &field));
    default:
      return 0;
  }
}

namespace {

using DescriptorSet = absl::flat_hash_set<const google::protobuf::Descriptor*>;

bool IsMessageField(const FieldDescriptor& field) {
  // Maps of the contract hold texts.
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_map();
}

// The type and all that messages of it can hold.
DescriptorSet Reachable(const google::protobuf::Descriptor& type) {
  DescriptorSet seen = {&type};
  std::vector<const google::protobuf::Descriptor*> open = {&type};
  while (!open.empty()) {
    const auto* at = open.back();
    open.pop_back();
    for (int i = 0; i < at->field_count(); ++i) {
      if (!IsMessageField(*at->field(i))) continue;
      const auto* child = at->field(i)->message_type();
      if (seen.insert(child).second) open.push_back(child);
    }
  }
  return seen;
}

bool Says(const google::protobuf::Descriptor& type, Saying saying) {
  for (int i = 0; i < type.field_count(); ++i) {
    const v1::Rule& rule = RuleOf(*type.field(i));
    if (saying == Saying::kRefersTo ? !rule.refers_to().empty() : rule.most_above() > 0)
      return true;
  }
  return false;
}

DescriptorSet TypesThatSay(Saying saying) {
  DescriptorSet types;
  for (const auto* type : Reachable(*v1::Resource::descriptor())) {
    const DescriptorSet below = Reachable(*type);
    if (std::any_of(below.begin(), below.end(),
                    [&](const auto* part) { return Says(*part, saying); })) {
      types.insert(type);
    }
  }
  return types;
}

void Walk(const Message& message, const std::string& path,
          absl::FunctionRef<bool(const google::protobuf::Descriptor&)> enters,
          absl::FunctionRef<void(const Message&, const std::string& path)> visit) {
  visit(message, path);
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    if (!IsMessageField(field) || !enters(*field.message_type())) continue;
    for (int k = 0; k < ElementCount(message, field); ++k) {
      Walk(MessageAt(message, field, k), ElementPath(path, field, k), enters, visit);
    }
  }
}

}  // namespace

bool SaysBelow(const google::protobuf::Descriptor& type, Saying saying) {
  static const auto* const refers = new DescriptorSet(TypesThatSay(Saying::kRefersTo));
  static const auto* const above = new DescriptorSet(TypesThatSay(Saying::kMostAbove));
  return (saying == Saying::kRefersTo ? refers : above)->contains(&type);
}

void ForEachMessage(const Message& message, const std::string& path,
                    absl::FunctionRef<void(const Message&, const std::string& path)> visit) {
  Walk(
      message, path, [](const google::protobuf::Descriptor&) { return true; }, visit);
}

void ForEachMessageThatSays(
    const Message& message, const std::string& path, Saying saying,
    absl::FunctionRef<void(const Message&, const std::string& path)> visit) {
  const auto enters = [saying](const google::protobuf::Descriptor& type) {
    return SaysBelow(type, saying);
  };
  if (enters(*message.GetDescriptor())) Walk(message, path, enters, visit);
}

bool SameField(const Message& before, const Message& after, const FieldDescriptor& field) {
  const int count = ElementCount(before, field);
  if (count != ElementCount(after, field)) return false;
  for (int k = 0; k < count; ++k) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        // Maps have an order in their one byte form only.
        if (CanonicalBytes(MessageAt(before, field, k)) !=
            CanonicalBytes(MessageAt(after, field, k))) {
          return false;
        }
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        if (TextAt(before, field, k) != TextAt(after, field, k)) return false;
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        // Without presence the counts tell all.
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        if (EnumAt(before, field, k) != EnumAt(after, field, k)) return false;
        break;
      default:
        if (IntegerAt(before, field, k) != IntegerAt(after, field, k)) return false;
    }
  }
  return true;
}

}  // namespace tidemark::catalog
