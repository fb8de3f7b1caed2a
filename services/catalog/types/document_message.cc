#include "services/catalog/types/document_message.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "services/catalog/domain/names.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog {

const google::protobuf::Descriptor* DescriptorOf(Type type) {
  return v1::Resource::descriptor()->FindFieldByNumber(FieldNumber(type))->message_type();
}

std::unique_ptr<google::protobuf::Message> MessageOf(const Document& document) {
  std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(DescriptorOf(document.type))
          ->New());
  if (!message->ParseFromString(document.bytes)) return nullptr;
  return message;
}

std::string CanonicalBytes(const google::protobuf::Message& message) {
  const std::unique_ptr<google::protobuf::Message> known(message.New());
  known->CopyFrom(message);
  known->DiscardUnknownFields();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    // Maps by key.
    out.SetSerializationDeterministic(true);
    known->SerializeToCodedStream(&out);
  }
  return bytes;
}

Document DocumentOf(Type type, const google::protobuf::Message& message) {
  return {type, CanonicalBytes(message)};
}

}  // namespace tidemark::catalog
