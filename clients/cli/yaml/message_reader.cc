#include "clients/cli/yaml/message_reader.h"

#include <google/protobuf/descriptor.h>

#include <optional>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "clients/cli/app/nearest.h"
#include "clients/cpp/catalog/enum_word.h"
#include "clients/cpp/catalog/period_text.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  if (const FieldDescriptor* field = type.FindFieldByName(name)) return field;
  return type.FindFieldByCamelcaseName(name);
}

std::vector<std::string> FieldNames(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return names;
}

const EnumValueDescriptor* FindEnumValue(const EnumDescriptor& type, const std::string& text) {
  const std::string upper = absl::AsciiStrToUpper(text);
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor* value = type.value(i);
    if (value->name() == upper || catalog_client::EnumWord(*value) == upper) return value;
  }
  return nullptr;
}

// Microseconds since 1970-01-01T00:00:00Z of an RFC 3339 text.
std::optional<int64_t> InstantOf(const std::string& text) {
  absl::Time time;
  std::string problem;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &problem)) return std::nullopt;
  // It also reads words.
  if (time == absl::InfiniteFuture() || time == absl::InfinitePast()) return std::nullopt;
  return absl::ToUnixMicros(time);
}

}  // namespace

absl::Status MessageReader::Error(const YAML::Node& node, const std::string& path,
                                  std::string_view message) const {
  return absl::InvalidArgumentError(
      absl::StrCat(file_, ":", node.Mark().line + 1, ": ", path, ": ", message));
}

absl::Status MessageReader::Read(const YAML::Node& node, const std::string& path,
                                 Message& message) const {
  const Descriptor& type = *message.GetDescriptor();
  if (type.full_name() == "tidemark.type.v1.Date" && node.IsScalar()) {
    return ReadDate(node, path, message);
  }
  if (type.full_name() == "tidemark.type.v1.Decimal" && node.IsScalar()) {
    // Whether it is a number is for the catalog to say.
    return ReadValue(node, path, *type.FindFieldByName("value"), message);
  }
  if (type.full_name() == "tidemark.type.v1.Period" && node.IsScalar()) {
    const auto period = catalog_client::ParsePeriod(node.Scalar());
    if (!period) {
      return Error(node, path,
                   absl::StrCat("`", node.Scalar(),
                                "`, want a period such as 2024, 2024-Q1, 2024-03 or 2024-01..02"));
    }
    message.CopyFrom(*period);
    return absl::OkStatus();
  }
  if (!node.IsMap()) return Error(node, path, "want a mapping of fields");
  std::set<const FieldDescriptor*> seen;
  for (const auto& entry : node) {
    const std::string name = entry.first.as<std::string>("");
    const FieldDescriptor* field = FindField(type, name);
    if (field == nullptr) {
      return Error(entry.first, path,
                   absl::StrCat("unknown field `", name, "`", NearestHint(name, FieldNames(type))));
    }
    const std::string child = path.empty() ? name : absl::StrCat(path, ".", name);
    if (!seen.insert(field).second) return Error(entry.first, child, "stands here twice");
    TM_RETURN_IF_ERROR(ReadField(entry.second, child, *field, message));
  }
  return absl::OkStatus();
}

absl::Status MessageReader::ReadField(const YAML::Node& node, const std::string& path,
                                      const FieldDescriptor& field, Message& message) const {
  if (node.IsNull()) return absl::OkStatus();
  if (field.is_map()) return ReadMap(node, path, field, message);
  if (!field.is_repeated()) return ReadValue(node, path, field, message);
  if (!node.IsSequence()) return Error(node, path, "want a list");
  for (size_t i = 0; i < node.size(); ++i) {
    TM_RETURN_IF_ERROR(ReadValue(node[i], absl::StrCat(path, "[", i, "]"), field, message));
  }
  return absl::OkStatus();
}

absl::Status MessageReader::ReadMap(const YAML::Node& node, const std::string& path,
                                    const FieldDescriptor& field, Message& message) const {
  if (!node.IsMap()) return Error(node, path, "want a mapping");
  std::set<std::string> seen;
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  for (const auto& entry : node) {
    Message* added = message.GetReflection()->AddMessage(&message, &field);
    const std::string child = absl::StrCat(path, ".", entry.first.as<std::string>(""));
    if (!seen.insert(child).second) return Error(entry.first, child, "stands here twice");
    TM_RETURN_IF_ERROR(ReadValue(entry.first, child, key, *added));
    TM_RETURN_IF_ERROR(ReadValue(entry.second, child, value, *added));
  }
  return absl::OkStatus();
}

absl::Status MessageReader::ReadValue(const YAML::Node& node, const std::string& path,
                                      const FieldDescriptor& field, Message& message) const {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    Message* child = field.is_repeated() ? reflection.AddMessage(&message, &field)
                                         : reflection.MutableMessage(&message, &field);
    return Read(node, path, *child);
  }
  if (!node.IsScalar()) return Error(node, path, "want one value");
  const std::string text = node.Scalar();
  const auto set = [&](auto setter, auto adder, auto value) {
    field.is_repeated() ? (reflection.*adder)(&message, &field, value)
                        : (reflection.*setter)(&message, &field, value);
    return absl::OkStatus();
  };
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        const auto bytes = base::HexDecode(text);
        if (bytes) return set(&R::SetString, &R::AddString, *bytes);
        return Error(node, path, absl::StrCat("`", text, "`, want hexadecimal digits"));
      }
      return set(&R::SetString, &R::AddString, text);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text == "true" || text == "false") return set(&R::SetBool, &R::AddBool, text == "true");
      return Error(node, path, absl::StrCat("`", text, "`, want true or false"));
    case FieldDescriptor::CPPTYPE_INT32:
      if (int32_t v; absl::SimpleAtoi(text, &v)) return set(&R::SetInt32, &R::AddInt32, v);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (uint32_t v; absl::SimpleAtoi(text, &v)) return set(&R::SetUInt32, &R::AddUInt32, v);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      if (int64_t v; absl::SimpleAtoi(text, &v)) return set(&R::SetInt64, &R::AddInt64, v);
      if (absl::EndsWith(field.name(), "_time_us")) {
        const auto micros = InstantOf(text);
        if (micros) return set(&R::SetInt64, &R::AddInt64, *micros);
        return Error(node, path,
                     absl::StrCat("`", text, "`, want an instant such as 2026-01-01T00:00:00Z or ",
                                  "2026-01-01T00:00:00+08:00, or microseconds since 1970"));
      }
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (uint64_t v; absl::SimpleAtoi(text, &v)) return set(&R::SetUInt64, &R::AddUInt64, v);
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumValueDescriptor* value = FindEnumValue(*field.enum_type(), text);
      if (value != nullptr) return set(&R::SetEnum, &R::AddEnum, value);
      std::vector<std::string> names;
      for (int i = 1; i < field.enum_type()->value_count(); ++i) {
        names.push_back(catalog_client::EnumWord(*field.enum_type()->value(i)));
      }
      return Error(node, path, absl::StrCat("`", text, "`", NearestHint(text, names)));
    }
    default:
      return Error(node, path, "cannot be set in a file");
  }
  return Error(node, path, absl::StrCat("`", text, "`, want an integer that fits the field"));
}

absl::Status MessageReader::ReadDate(const YAML::Node& node, const std::string& path,
                                     Message& message) const {
  absl::CivilDay day;
  const std::string text = node.Scalar();
  // ParseCivilTime takes more than we want: the text must be the day as we would write it.
  if (!absl::ParseCivilTime(text, &day) || day.year() < 1 || day.year() > 9999 ||
      absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day()) != text) {
    return Error(node, path, absl::StrCat("`", text, "`, want a date such as 2024-03-05"));
  }
  const auto set = [&](const char* name, int value) {
    message.GetReflection()->SetInt32(&message, message.GetDescriptor()->FindFieldByName(name),
                                      value);
  };
  set("year", static_cast<int>(day.year()));
  set("month", day.month());
  set("day", day.day());
  return absl::OkStatus();
}

}  // namespace tidemark::cli
