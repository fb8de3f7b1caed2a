#include "clients/cli/yaml/message_writer.h"

#include <google/protobuf/descriptor.h>
#include <yaml-cpp/yaml.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "clients/cli/yaml/message_reader.h"
#include "clients/cpp/catalog/enum_word.h"
#include "clients/cpp/catalog/period_text.h"
#include "tidemark/type/v1/decimal.pb.h"
#include "tidemark/type/v1/period.pb.h"

namespace tidemark::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void WriteMessage(const Message& message, YAML::Emitter& out);

template <typename T>
const T* As(const Message& message) {
  return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

// yaml-cpp writes a carriage return as it is, and readers take it for the end of a line.
void WriteText(const std::string& text, YAML::Emitter& out) {
  if (text.find('\r') != std::string::npos) out << YAML::DoubleQuoted;
  out << text;
}

void WriteDate(const Message& date, YAML::Emitter& out) {
  const auto part = [&](const char* name) {
    return date.GetReflection()->GetInt32(date, date.GetDescriptor()->FindFieldByName(name));
  };
  out << absl::StrFormat("%04d-%02d-%02d", part("year"), part("month"), part("day"));
}

// `index` < 0: the field is singular.
void WriteValue(const Message& message, const FieldDescriptor& field, int index,
                YAML::Emitter& out) {
  const Reflection& r = *message.GetReflection();
  const auto get = [&](auto single, auto repeated) {
    return index < 0 ? (r.*single)(message, &field) : (r.*repeated)(message, &field, index);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return WriteMessage(
          index < 0 ? r.GetMessage(message, &field) : r.GetRepeatedMessage(message, &field, index),
          out);
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = get(&Reflection::GetString, &Reflection::GetRepeatedString);
      return WriteText(
          field.type() == FieldDescriptor::TYPE_BYTES ? absl::BytesToHexString(text) : text, out);
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      out << catalog_client::EnumWord(*get(&Reflection::GetEnum, &Reflection::GetRepeatedEnum));
      return;
    case FieldDescriptor::CPPTYPE_BOOL:
      out << get(&Reflection::GetBool, &Reflection::GetRepeatedBool);
      return;
    case FieldDescriptor::CPPTYPE_INT32:
      out << get(&Reflection::GetInt32, &Reflection::GetRepeatedInt32);
      return;
    case FieldDescriptor::CPPTYPE_UINT32:
      out << get(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32);
      return;
    case FieldDescriptor::CPPTYPE_INT64:
      out << get(&Reflection::GetInt64, &Reflection::GetRepeatedInt64);
      return;
    case FieldDescriptor::CPPTYPE_UINT64:
      out << get(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64);
      return;
    default:
      out << YAML::Null;
  }
}

void WriteMap(const Message& message, const FieldDescriptor& field, YAML::Emitter& out) {
  const Reflection& r = *message.GetReflection();
  std::map<std::string, const Message*> by_key;
  for (int i = 0; i < r.FieldSize(message, &field); ++i) {
    const Message& entry = r.GetRepeatedMessage(message, &field, i);
    by_key[entry.GetReflection()->GetString(entry, field.message_type()->map_key())] = &entry;
  }
  out << YAML::Flow << YAML::BeginMap;
  for (const auto& [key, entry] : by_key) {
    out << YAML::Key;
    WriteText(key, out);
    out << YAML::Value;
    WriteValue(*entry, *field.message_type()->map_value(), -1, out);
  }
  out << YAML::EndMap;
}

void WriteMessage(const Message& message, YAML::Emitter& out) {
  if (message.GetDescriptor()->full_name() == "tidemark.type.v1.Date") {
    return WriteDate(message, out);
  }
  if (const auto* decimal = As<type::v1::Decimal>(message)) {
    out << decimal->value();
    return;
  }
  if (const auto* period = As<type::v1::Period>(message)) {
    if (const auto text = catalog_client::PeriodText(*period)) {
      out << *text;
      return;
    }
  }
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  out << YAML::BeginMap;
  for (const FieldDescriptor* field : fields) {
    out << YAML::Key << field->name() << YAML::Value;
    if (field->is_map()) {
      WriteMap(message, *field, out);
    } else if (field->is_repeated()) {
      out << YAML::BeginSeq;
      for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
        WriteValue(message, *field, i, out);
      }
      out << YAML::EndSeq;
    } else {
      WriteValue(message, *field, -1, out);
    }
  }
  out << YAML::EndMap;
}

}  // namespace

std::string MessageToYaml(const Message& message) {
  YAML::Emitter out;
  out.SetOutputCharset(YAML::EmitNonAscii);
  WriteMessage(message, out);
  return std::string(out.c_str()) + "\n";
}

}  // namespace tidemark::cli
