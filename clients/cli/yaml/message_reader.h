#ifndef TIDEMARK_CLIENTS_CLI_YAML_MESSAGE_READER_H_
#define TIDEMARK_CLIENTS_CLI_YAML_MESSAGE_READER_H_

#include <google/protobuf/message.h>
#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::cli {

// Fills a message from a YAML mapping by its descriptor: strict about names, lenient about spelling
// (camelCase, enum values without prefix, dates as text).
class MessageReader {
 public:
  // `file` is for error messages.
  explicit MessageReader(std::string_view file) : file_(file) {}

  // INVALID_ARGUMENT naming file, line and `path`.
  absl::Status Read(const YAML::Node& node, const std::string& path,
                    google::protobuf::Message& message) const;

 private:
  absl::Status ReadField(const YAML::Node& node, const std::string& path,
                         const google::protobuf::FieldDescriptor& field,
                         google::protobuf::Message& message) const;
  absl::Status ReadMap(const YAML::Node& node, const std::string& path,
                       const google::protobuf::FieldDescriptor& field,
                       google::protobuf::Message& message) const;
  // Sets a singular field or adds to a repeated one.
  absl::Status ReadValue(const YAML::Node& node, const std::string& path,
                         const google::protobuf::FieldDescriptor& field,
                         google::protobuf::Message& message) const;
  absl::Status ReadDate(const YAML::Node& node, const std::string& path,
                        google::protobuf::Message& message) const;
  absl::Status Error(const YAML::Node& node, const std::string& path,
                     std::string_view message) const;

  std::string_view file_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_YAML_MESSAGE_READER_H_
