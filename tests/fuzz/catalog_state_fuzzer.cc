// The stored form of a resource: what is decoded is what protobuf reads of the same bytes, and has
// one encoding, which is also protobuf's.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/message_differencer.h>

#include "services/catalog/api/proto_convert.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/list_filter.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/types/contract_rules.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::util::MessageDifferencer;

// protobuf's encoding with map entries in order.
std::string Deterministic(const v1::Resource& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&out);
  out.Trim();
  return bytes;
}

v1::Resource MessageOf(const Resource& resource) {
  v1::Resource message;
  ToProto(resource, {.secret_hashes = true, .etag = false}, &message);
  return message;
}

void CheckState(std::string_view bytes) {
  const auto state = DecodeState(bytes);
  if (!state.ok()) {
    FUZZ_CHECK(absl::IsDataLoss(state.status()), state.status().ToString());
    return;
  }
  const std::string again = EncodeState(*state);
  const auto same = DecodeState(again);
  FUZZ_CHECK(same.ok(), same.status().ToString());
  FUZZ_CHECK(SameState(*same, *state), "decoded and encoded again");
  FUZZ_CHECK(EncodeState(*same) == again, "a state has one encoding");
  // Documents and citations stay the bytes that they were made canonical as.
  if (state->type() >= kFirstDocument || !state->citations.empty()) return;
  v1::Resource message;
  // Stored texts are UTF-8, which only the service's checks say.
  if (!message.ParseFromString(again)) return;
  const v1::Resource converted = MessageOf(*state);
  FUZZ_CHECK(MessageDifferencer::Equals(message, converted),
             "protobuf reads " + message.ShortDebugString() + "\n  we read " +
                 converted.ShortDebugString());
  FUZZ_CHECK(Deterministic(converted) == again, "our encoding is protobuf's");
}

void CheckTexts(std::string_view text) {
  const auto name = ParseName(text);
  FUZZ_CHECK(name.has_value() == NameProblem(text).empty(), "a name is good or has a problem");
  if (name) {
    const std::string again =
        std::string(CollectionOf(name->type).name) + "/" + std::string(name->id);
    FUZZ_CHECK(again == text || name->type == Type::kObservatory, "a name has one text");
  }
  Resource region;
  region.name = "regions/cn";
  region.content = Region{};
  for (int type = 1; type < kTypeCount; ++type) {
    const auto filter = ListFilter::Parse(text, static_cast<Type>(type), RulesOfContract());
    if (!filter.ok()) {
      FUZZ_CHECK(absl::IsInvalidArgument(filter.status()), filter.status().ToString());
    } else if (static_cast<Type>(type) == Type::kRegion) {
      (void)filter->Matches(region);
    }
  }
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  CheckState(bytes);
  CheckTexts(bytes);
}

}  // namespace tidemark::catalog
