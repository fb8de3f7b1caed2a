// Resources as YAML: what `tidemark apply` reads, `tidemark get` writes so that it is read back the
// same. The bytes are also read as a Resource of the contract, for values that no YAML led to.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/str_cat.h"
#include "clients/cli/yaml/resource_yaml.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::cli {
namespace {

using catalog::v1::Resource;
using google::protobuf::util::MessageDifferencer;

// `read`: that YAML can say all of it is known, because it came from YAML.
void CheckWritten(const Resource& resource, bool read) {
  const std::string yaml = ToYaml(resource, /*with_output_only=*/true);
  const auto again = ParseResources(yaml, "written.yaml");
  // A message may hold days that no calendar has, numbers that no enum has and an entry without its
  // value; the catalog refuses to store them, and reading them back says what is wrong.
  if (!again.ok() && !read) return;
  FUZZ_CHECK(again.ok(), yaml + "\n  " + again.status().ToString());
  FUZZ_CHECK(again->size() == 1, yaml);
  FUZZ_CHECK(MessageDifferencer::Equals(again->front(), resource),
             absl::StrCat(yaml, "\n  is read as ", again->front().ShortDebugString(), "\n  not as ",
                          resource.ShortDebugString()));
  Resource without = resource;
  ClearOutputOnly(without);
  FUZZ_CHECK(ToYaml(resource, false) == ToYaml(without, true), "without what the catalog fills in");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  const auto resources = ParseResources(bytes, "in.yaml");
  if (resources.ok()) {
    for (const Resource& resource : *resources) CheckWritten(resource, true);
  } else {
    FUZZ_CHECK(absl::IsInvalidArgument(resources.status()), resources.status().ToString());
  }
  Resource resource;
  if (!resource.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  resource.DiscardUnknownFields();
  CheckWritten(resource, false);
}

}  // namespace tidemark::cli
