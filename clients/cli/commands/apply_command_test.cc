// `tidemark apply` against a catalog that changes between the difference and the change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "clients/cli/app/app.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/commands/commands.h"
#include "common/testing/fake_clock.h"
#include "common/testing/in_process_server.h"
#include "common/testing/temp_dir.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

using catalog::v1::ApplyResourcesRequest;
using catalog::v1::ApplyResourcesResponse;
using ::testing::HasSubstr;

// Has categories/old; keeps the request that was meant.
class FakeCatalog final : public catalog::v1::CatalogService::Service {
 public:
  grpc::Status ApplyResources(grpc::ServerContext*, const ApplyResourcesRequest* request,
                              ApplyResourcesResponse* response) override {
    for (const auto& resource : request->resources()) {
      auto* change = response->add_changes();
      change->set_name(resource.name());
      const bool exists = resource.name() == "categories/old";
      change->set_kind(exists ? catalog::v1::CHANGE_KIND_UPDATE : catalog::v1::CHANGE_KIND_CREATE);
      if (exists) change->mutable_before()->set_etag("7-abc");
      change->mutable_after();
      if (!states_left_out) *change->mutable_after() = resource;
    }
    if (!request->dry_run()) applied = *request;
    return grpc::Status::OK;
  }

  bool states_left_out = false;
  ApplyResourcesRequest applied;
};

class ApplyCommandTest : public ::testing::Test {
 protected:
  int Apply(const std::string& yaml, const std::string& file = "-") {
    std::istringstream in(yaml);
    const Terminal terminal{.in = in,
                            .out = out_,
                            .err = err_,
                            .clock = clock_,
                            .environment = [](const char* name) -> std::optional<std::string> {
                              if (std::string(name) != "TIDEMARK_TOKEN") return std::nullopt;
                              return "tm_" + std::string(43, 'x');
                            }};
    static constexpr AddCommand kCommands[] = {AddApplyCommand};
    return RunApp({"--catalog", server_.runtime().address(), "apply", "-f", file, "--yes"},
                  kCommands, terminal);
  }

  FakeCatalog catalog_;
  tidemark::testing::InProcessServer server_{std::vector<grpc::Service*>{&catalog_}};
  tidemark::testing::FakeClock clock_;
  std::ostringstream out_, err_;
};

constexpr char kTwo[] = R"(
- {name: categories/old, category: {}}
- {name: categories/new, category: {}}
)";

TEST_F(ApplyCommandTest, TakesTheYamlFilesOfAFolderByPath) {
  tidemark::testing::TempDir dir;
  std::filesystem::create_directory(dir.File("b"));
  std::ofstream(dir.File("b/2.yaml")) << "{name: categories/last, category: {}}";
  std::ofstream(dir.File("a.yml")) << "{name: categories/first, category: {}}";
  std::ofstream(dir.File("notes.txt")) << "not: [yaml";
  ASSERT_EQ(Apply("", dir.path()), 0) << err_.str();
  ASSERT_EQ(catalog_.applied.resources_size(), 2);
  EXPECT_EQ(catalog_.applied.resources(0).name(), "categories/first");
  EXPECT_EQ(catalog_.applied.resources(1).name(), "categories/last");

  tidemark::testing::TempDir empty;
  EXPECT_NE(Apply("", empty.path()), 0);
  EXPECT_THAT(err_.str(), HasSubstr("holds no .yaml files"));
}

TEST_F(ApplyCommandTest, OverwritesNothingThatTheDifferenceDidNotShow) {
  ASSERT_EQ(Apply(kTwo), 0) << err_.str();
  ASSERT_EQ(catalog_.applied.resources_size(), 2);
  EXPECT_EQ(catalog_.applied.resources(0).etag(), "7-abc");
  EXPECT_EQ(catalog_.applied.resources(1).etag(), "absent");
}

TEST_F(ApplyCommandTest, SaysWhenTheDifferenceIsTooLargeToShow) {
  catalog_.states_left_out = true;
  ASSERT_EQ(Apply(kTwo), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("~ categories/old\n  (the answer is too large"));
  EXPECT_EQ(catalog_.applied.resources(0).etag(), "7-abc");
}

}  // namespace
}  // namespace tidemark::cli
