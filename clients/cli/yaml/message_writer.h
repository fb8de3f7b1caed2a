#ifndef TIDEMARK_CLIENTS_CLI_YAML_MESSAGE_WRITER_H_
#define TIDEMARK_CLIENTS_CLI_YAML_MESSAGE_WRITER_H_

#include <google/protobuf/message.h>

#include <string>

namespace tidemark::cli {

// The message as a YAML mapping that MessageReader reads back: fields that are set, by their names
// in the contract; map entries by key; bytes as hexadecimal digits.
std::string MessageToYaml(const google::protobuf::Message& message);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_YAML_MESSAGE_WRITER_H_
