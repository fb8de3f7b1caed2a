// Random changes over a real server against a plain model of what they leave.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using testing::ServiceTest;

constexpr int kOfEach = 9;

// Organisations below organisations, which are never deleted, and groups of groups, which are:
// name -> what it names.
using Model = std::map<std::string, std::set<std::string>>;

bool NamesNothingThatIsNotThere(const Model& model) {
  return std::all_of(model.begin(), model.end(), [&](const auto& entry) {
    return std::all_of(entry.second.begin(), entry.second.end(),
                       [&](const std::string& name) { return model.contains(name); });
  });
}

// Whether `at` comes back to itself; `above`: the way here.
bool ComesBack(const Model& model, const std::string& at, std::set<std::string>* above) {
  if (!above->insert(at).second) return true;
  for (const std::string& next : model.at(at)) {
    if (ComesBack(model, next, above)) return true;
  }
  above->erase(at);
  return false;
}
bool HasCycle(const Model& model) {
  return std::any_of(model.begin(), model.end(), [&](const auto& entry) {
    std::set<std::string> above;
    return ComesBack(model, entry.first, &above);
  });
}

void Read(const v1::Resource& resource, Model* model) {
  std::set<std::string>& names = (*model)[resource.name()];
  names.clear();
  if (resource.has_organisation()) {
    if (!resource.organisation().parent().empty()) names.insert(resource.organisation().parent());
  } else {
    for (const v1::RegionGroupMember& member : resource.region_group().members()) {
      names.insert(member.member());
    }
  }
}

class ModelTest : public ServiceTest {
 protected:
  v1::Resource RandomResource() {
    v1::Resource resource;
    const std::string of = absl::StrCat(random_() % kOfEach);
    (*resource.mutable_display_names())["en"] = absl::StrCat("n", random_() % 1000);
    if (random_() % 2 == 0) {
      resource.set_name("organisations/o" + of);
      resource.mutable_organisation()->set_kind(v1::ORGANISATION_KIND_AUTHORITY);
      if (random_() % 4 != 0) {
        resource.mutable_organisation()->set_parent(
            absl::StrCat("organisations/o", random_() % kOfEach));
      }
      return resource;
    }
    resource.set_name("regionGroups/g" + of);
    std::set<std::string> members;
    for (uint32_t n = random_() % 3; n > 0; --n) {
      members.insert(absl::StrCat("regionGroups/g", random_() % kOfEach));
    }
    resource.mutable_region_group();
    for (const std::string& member : members) {
      resource.mutable_region_group()->add_members()->set_member(member);
    }
    return resource;
  }

  // One to three resources at once, all or none.
  void RandomApply() {
    v1::ApplyResourcesRequest request;
    Model after = model_;
    std::set<std::string> named;
    for (uint32_t n = 1 + random_() % 3; n > 0; --n) {
      const v1::Resource resource = RandomResource();
      if (!named.insert(resource.name()).second) continue;
      *request.add_resources() = resource;
      Read(resource, &after);
    }
    const bool good = NamesNothingThatIsNotThere(after) && !HasCycle(after);
    const auto applied = Apply(steward_, request);
    ASSERT_EQ(applied.ok(), good) << applied.status() << request.DebugString();
    (good ? taken_ : refused_)++;
    if (good) model_ = after;
  }
  void RandomDelete() {
    v1::DeleteResourceRequest request;
    v1::DeleteResourceResponse response;
    request.set_name(absl::StrCat("regionGroups/g", random_() % kOfEach));
    Model after = model_;
    const bool good = after.erase(request.name()) == 1 && NamesNothingThatIsNotThere(after);
    const absl::Status deleted = Call(steward_, &Stub::DeleteResource, request, &response);
    ASSERT_EQ(deleted.ok(), good) << deleted << request.DebugString();
    (good ? deleted_ : refused_)++;
    if (good) model_ = after;
  }

  // Everything as of a version, through the RPCs.
  Model Everything(uint64_t version) {
    Model all;
    for (const char* collection : {"organisations", "regionGroups"}) {
      v1::ListResourcesRequest request;
      request.set_collection(collection);
      request.set_version(version);
      const auto listed = List(request);
      EXPECT_OK(listed.status());
      if (!listed.ok()) return {};
      for (const v1::Resource& resource : listed->resources()) Read(resource, &all);
    }
    return all;
  }

  std::mt19937 random_{20261126};
  Model model_;
  int taken_ = 0, deleted_ = 0, refused_ = 0;
};

TEST_F(ModelTest, ChangesAreTakenExactlyWhenTheModelTakesThem) {
  const uint64_t start = catalog_->head().version;
  std::map<uint64_t, Model> at;
  for (int i = 0; i < 1500 && !HasFatalFailure(); ++i) {
    random_() % 5 == 0 ? RandomDelete() : RandomApply();
    at[catalog_->head().version] = model_;
  }
  EXPECT_GT(taken_, 200);
  EXPECT_GT(deleted_, 30);
  EXPECT_GT(refused_, 200);
  // What was, at versions from first to last.
  for (int i = 0; i < 40; ++i) {
    auto any = at.begin();
    std::advance(any, random_() % at.size());
    ASSERT_EQ(Everything(any->first), any->second) << any->first;
  }
  EXPECT_EQ(Everything(catalog_->head().version), model_);
  // And again from the history alone.
  v1::WatchResourcesRequest request;
  request.set_after_version(start);
  grpc::ClientContext context;
  rpc::PrepareCall(&context, auditor_, absl::Seconds(60));
  const auto reader = stub_->WatchResources(&context, request);
  Model replayed;
  v1::WatchResourcesResponse message;
  while (reader->Read(&message)) {
    for (const v1::Change& change : message.changes()) {
      v1::Resource state;
      ASSERT_TRUE(state.ParseFromString(change.state()));
      if (change.kind() == v1::CHANGE_KIND_DELETE) {
        replayed.erase(change.name());
      } else {
        Read(state, &replayed);
      }
    }
    ASSERT_TRUE(at.contains(message.version()));
    EXPECT_EQ(replayed, at[message.version()]) << message.version();
    if (message.up_to_date()) break;
  }
  context.TryCancel();
  EXPECT_EQ(replayed, model_);
}

TEST_F(ModelTest, SixteenWritersWithEtagsLoseNoUpdate) {
  constexpr int kWriters = 16, kUpdates = 12;
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "regionGroups/counter"
                             description: "0"
                             display_names { key: "en" value: "counter" }
                             region_group {}
                           })pb"));
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&] {
      for (int done = 0; done < kUpdates;) {
        const auto read = Get(viewer_, "regionGroups/counter");
        ASSERT_OK(read.status());
        int count = 0;
        ASSERT_TRUE(absl::SimpleAtoi(read->description(), &count));
        v1::ApplyResourcesRequest request;
        *request.add_resources() = *read;
        request.mutable_resources(0)->set_description(absl::StrCat(count + 1));
        const auto applied = Apply(steward_, request);
        if (applied.ok()) {
          ++done;
        } else {
          ASSERT_TRUE(absl::IsAborted(applied.status())) << applied.status();
          ++conflicts;
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  ASSERT_OK_AND_ASSIGN(const v1::Resource counter, Get(viewer_, "regionGroups/counter"));
  EXPECT_EQ(counter.description(), absl::StrCat(kWriters * kUpdates));
  EXPECT_GT(conflicts, 0);
}

}  // namespace
}  // namespace tidemark::catalog
