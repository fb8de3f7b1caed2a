// bench_catalog: a client of the catalog that measures what it waits for.
//
//   bench_catalog ADDRESS TOKEN_FILE load FIRST COUNT BATCH
//   bench_catalog ADDRESS TOKEN_FILE again FIRST COUNT BATCH
//   bench_catalog ADDRESS TOKEN_FILE change COUNT TIMES
//   bench_catalog ADDRESS TOKEN_FILE ask COUNT TIMES
//   bench_catalog ADDRESS TOKEN_FILE follow COUNT FOLLOWERS TIMES
//   bench_catalog ADDRESS TOKEN_FILE replay
//
// COUNT: resources of catalog_resources.h that the catalog has, or is to have. Prints a line per
// value, WHAT TAB MICROSECONDS TAB RESOURCES. Ends with 1 at the first answer that is not right.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/rpc/channel_factory.h"
#include "tests/bench/catalog_resources.h"
#include "tidemark/catalog/v1/catalog_service.grpc.pb.h"

namespace tidemark::bench {
namespace {

using namespace catalog::v1;
using std::chrono::steady_clock;

[[noreturn]] void Fail(const std::string& why) {
  std::cerr << why << "\n";
  std::_Exit(1);
}

double MicrosSince(steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(steady_clock::now() - start).count();
}

void Print(std::string_view what, double micros, size_t resources) {
  std::cout << what << '\t' << micros << '\t' << resources << '\n';
}

class Client {
 public:
  Client(const std::string& address, std::string token) : token_(std::move(token)) {
    // A connection of its own, as every service and person has.
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(64 << 20);
    stub_ = CatalogService::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  }

  // Microseconds until the answer was there.
  template <typename Request, typename Response>
  double Call(grpc::Status (CatalogService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
              const Request& request, Response* response) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token_, absl::Minutes(10));
    const auto start = steady_clock::now();
    const grpc::Status status = (stub_.get()->*method)(&context, request, response);
    const double micros = MicrosSince(start);
    if (!status.ok()) Fail(status.error_message());
    return micros;
  }

  std::unique_ptr<grpc::ClientReader<WatchResourcesResponse>> Watch(grpc::ClientContext* context,
                                                                    uint64_t after) {
    rpc::PrepareCall(context, token_, absl::InfiniteDuration());
    WatchResourcesRequest request;
    request.set_after_version(after);
    return stub_->WatchResources(context, request);
  }

 private:
  std::string token_;
  std::unique_ptr<CatalogService::Stub> stub_;
};

void Apply(Client& client, std::string_view what, uint32_t first, uint32_t count, uint32_t batch,
           ChangeKind want) {
  for (uint32_t at = first; at < first + count; at += batch) {
    ApplyResourcesRequest request;
    for (uint32_t i = at; i < std::min(at + batch, first + count); ++i) {
      *request.add_resources() = ResourceOf(i);
    }
    ApplyResourcesResponse response;
    const double micros = client.Call(&CatalogService::Stub::ApplyResources, request, &response);
    for (const Change& change : response.changes()) {
      if (change.kind() != want) Fail(change.name() + " was not changed as it should be");
    }
    Print(what, micros, static_cast<size_t>(request.resources_size()));
  }
}

// Another description for some product; the version that has it.
uint64_t ChangeOne(Client& client, uint32_t count, uint32_t n, double* micros) {
  ApplyResourcesRequest request;
  *request.add_resources() = ResourceOf(ProductFrom(n * 7919 % (count / 2)));
  static uint32_t changes = 0;
  request.mutable_resources(0)->set_description(
      absl::StrCat("更新 ", ++changes, " ", absl::ToUnixMicros(absl::Now())));
  ApplyResourcesResponse response;
  *micros = client.Call(&CatalogService::Stub::ApplyResources, request, &response);
  if (response.changes(0).kind() != CHANGE_KIND_UPDATE) Fail("nothing was changed");
  return response.version();
}

void Changes(Client& client, uint32_t count, uint32_t times) {
  for (uint32_t n = 0; n < times; ++n) {
    double micros = 0;
    ChangeOne(client, count, n, &micros);
    Print("change of one", micros, 1);
  }
}

void Gets(Client& client, uint32_t count, uint32_t times) {
  for (uint32_t n = 0; n < times; ++n) {
    GetResourceRequest request;
    request.set_name(ResourceOf(1 + n * 104'729 % (count - 1)).name());
    GetResourceResponse response;
    const double micros = client.Call(&CatalogService::Stub::GetResource, request, &response);
    if (response.resource().name() != request.name()) Fail("Get gave another resource");
    Print("Get", micros, 1);
  }
}

void Lists(Client& client, std::string_view what, ListResourcesRequest request, uint32_t times) {
  std::string before;
  for (uint32_t n = 0; n < times; ++n) {
    ListResourcesResponse response;
    const double micros = client.Call(&CatalogService::Stub::ListResources, request, &response);
    for (const Resource& resource : response.resources()) {
      if (resource.name() <= before) Fail("List gave names out of order");
      before = resource.name();
    }
    Print(what, micros, static_cast<size_t>(response.resources_size()));
    request.set_page_token(response.next_page_token());
    if (request.page_token().empty()) before.clear();
  }
}

void Lists(Client& client, uint32_t times) {
  ListResourcesRequest request;
  request.set_collection("products");
  request.set_page_size(50);
  Lists(client, "List, a page of 50", request, times);
  request.set_page_size(500);
  Lists(client, "List, a page of 500", request, times);
  request.set_filter("category = \"categories/c-100000000\"");
  Lists(client, "List, a page that looks at 20,000", request, std::max(times / 10, 1U));
}

// What people type to find a product, with its names.
struct Typed {
  const char* what;
  // It is among the first twenty, whatever else there is.
  bool certain;
  std::function<std::string(const Resource&)> text;
};

void Searches(Client& client, uint32_t count, uint32_t times) {
  constexpr size_t kThree = 9;  // characters of UTF-8
  const auto zh = [](const Resource& r) { return r.display_names().at("zh"); };
  const auto en = [](const Resource& r) { return r.display_names().at("en"); };
  const Typed kinds[] = {
      {"Search, an id", true, [](const Resource& r) { return r.name().substr(9); }},
      {"Search, a Chinese name", true, zh},
      {"Search, its three characters", false,
       [&](const Resource& r) { return zh(r).substr(0, kThree); }},
      {"Search, two of them", false, [&](const Resource& r) { return zh(r).substr(3, 6); }},
      {"Search, an English name", true, en},
      {"Search, its first four letters", false,
       [&](const Resource& r) { return en(r).substr(0, 4); }},
      {"Search, with one edit", false, [&](const Resource& r) { return "x" + en(r).substr(1, 7); }},
      {"Search, a word that 60 in 200 have", false,
       [](const Resource&) { return std::string("service"); }},
      {"Search, that word and two characters", false,
       [&](const Resource& r) { return "service " + zh(r).substr(0, 6); }},
      {"Search, four characters that 1 in 16 have", false,
       [&](const Resource& r) { return zh(r).substr(kThree, 12); }},
      {"Search, the beginning of every product's id", false,
       [](const Resource&) { return std::string("g1"); }}};
  for (const Typed& kind : kinds) {
    for (uint32_t n = 0; n < times; ++n) {
      const Resource wanted = ResourceOf(ProductFrom(1 + n * 15'485'863ULL % (count / 2)));
      SearchResourcesRequest request;
      request.set_query(kind.text(wanted));
      SearchResourcesResponse response;
      const double micros = client.Call(&CatalogService::Stub::SearchResources, request, &response);
      const auto& hits = response.hits();
      const bool found =
          kind.certain ? std::any_of(hits.begin(), hits.end(),
                                     [&](const SearchHit& h) { return h.name() == wanted.name(); })
                       : !hits.empty() || std::string_view(kind.what) == "Search, with one edit";
      if (!found)
        Fail(absl::StrCat(kind.what, ": ", request.query(), " does not find ", wanted.name()));
      Print(kind.what, micros, static_cast<size_t>(hits.size()));
    }
  }
}

void Resolve(Client& client, std::string_view what, uint32_t count, uint32_t times,
             const std::function<std::string(std::string name)>& typed) {
  for (uint32_t n = 0; n < times; ++n) {
    ResolveRegionsRequest request;
    for (uint32_t i = 0; i < 100; ++i) {
      const uint32_t block = (n * 100 + i) * 31 % std::max(count / 200, 1U);
      request.add_texts(typed(ResourceOf(1 + block * 200 + 1 + i % 30).display_names().at("zh")));
    }
    ResolveRegionsResponse response;
    const double micros = client.Call(&CatalogService::Stub::ResolveRegions, request, &response);
    if (response.resolutions_size() != request.texts_size()) Fail("texts without an answer");
    Print(what, micros, 100);
  }
}

void Resolves(Client& client, uint32_t count, uint32_t times) {
  Resolve(client, "ResolveRegions, 100 names", count, times, [](std::string name) { return name; });
  Resolve(client, "ResolveRegions, 100 texts that name none", count, times, [](std::string name) {
    return name.substr(3, 6) + " xyz " + name.substr(0, 6) + " kabitodu";
  });
}

// Follows from a version on and tells when a version was seen.
class Follower {
 public:
  Follower(const std::string& address, const std::string& token, uint64_t after)
      : client_(address, token), reader_(client_.Watch(&context_, after)) {
    thread_ = std::thread([this] { Run(); });
  }
  ~Follower() {
    context_.TryCancel();
    thread_.join();
  }
  // When it had version `version`; waits for it.
  steady_clock::time_point WaitFor(uint64_t version) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_ >= version || ended_; });
    if (seen_ < version) Fail("a watch ended");
    return at_;
  }

 private:
  void Run() {
    WatchResourcesResponse message;
    while (reader_->Read(&message)) {
      const std::lock_guard lock(mutex_);
      if (message.version() != seen_) at_ = steady_clock::now();
      seen_ = message.version();
      changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  grpc::ClientContext context_;
  Client client_;
  std::unique_ptr<grpc::ClientReader<WatchResourcesResponse>> reader_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t seen_ = 0;
  steady_clock::time_point at_;
  bool ended_ = false;
  std::thread thread_;
};

void Follow(const std::string& address, const std::string& token, uint32_t count,
            uint32_t followers, uint32_t times) {
  Client client(address, token);
  double micros = 0;
  const uint64_t before = ChangeOne(client, count, 0, &micros);
  std::vector<std::unique_ptr<Follower>> all;
  for (uint32_t i = 0; i < followers; ++i) {
    all.push_back(std::make_unique<Follower>(address, token, before - 1));
  }
  for (const auto& follower : all) follower->WaitFor(before);
  for (uint32_t n = 1; n <= times; ++n) {
    const auto start = steady_clock::now();
    const uint64_t version = ChangeOne(client, count, n, &micros);
    auto first = steady_clock::time_point::max();
    auto last = steady_clock::time_point::min();
    for (const auto& follower : all) {
      const auto at = follower->WaitFor(version);
      first = std::min(first, at);
      last = std::max(last, at);
    }
    const auto since = [&](steady_clock::time_point at) {
      return std::chrono::duration<double, std::micro>(at - start).count();
    };
    Print("change sent → its acknowledgement", micros, 1);
    Print("change sent → the first follower has it", since(first), 1);
    Print("change sent → all followers have it", since(last), 1);
  }
}

// The whole history, as a new follower gets it.
void Replay(Client& client) {
  grpc::ClientContext context;
  const auto start = steady_clock::now();
  const auto reader = client.Watch(&context, 0);
  WatchResourcesResponse message;
  size_t changes = 0;
  while (reader->Read(&message)) {
    changes += static_cast<size_t>(message.changes_size());
    if (message.up_to_date()) {
      Print("replay", MicrosSince(start), changes);
      context.TryCancel();
      return;
    }
  }
  Fail("the watch ended");
}

int Run(std::vector<std::string> arguments) {
  std::string token;
  std::getline(std::ifstream(arguments[2]), token);
  const std::string& address = arguments[1];
  const std::string& command = arguments[3];
  std::vector<uint32_t> numbers(arguments.size() - 4);
  for (size_t i = 4; i < arguments.size(); ++i) {
    if (!absl::SimpleAtoi(arguments[i], &numbers[i - 4])) Fail(arguments[i] + " is no number");
  }
  Client client(address, token);
  if (command == "load" && numbers.size() == 3) {
    Apply(client, "load", numbers[0], numbers[1], numbers[2], CHANGE_KIND_CREATE);
  } else if (command == "again" && numbers.size() == 3) {
    Apply(client, "again", numbers[0], numbers[1], numbers[2], CHANGE_KIND_NONE);
  } else if (command == "change" && numbers.size() == 2) {
    Changes(client, numbers[0], numbers[1]);
  } else if (command == "ask" && numbers.size() == 2) {
    Gets(client, numbers[0], numbers[1] * 10);
    Lists(client, numbers[1]);
    Searches(client, numbers[0], numbers[1]);
    Resolves(client, numbers[0], std::max(numbers[1] / 10, 1U));
  } else if (command == "follow" && numbers.size() == 3) {
    Follow(address, token, numbers[0], numbers[1], numbers[2]);
  } else if (command == "replay" && numbers.empty()) {
    Replay(client);
  } else {
    Fail("see the head of tests/bench/catalog_main.cc");
  }
  return 0;
}

}  // namespace
}  // namespace tidemark::bench

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "bench_catalog ADDRESS TOKEN_FILE COMMAND NUMBER...\n";
    return 2;
  }
  return tidemark::bench::Run({arguments, arguments + count});
}
