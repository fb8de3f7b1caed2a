// bench_ask: asks one question of analytics again and again, as a C++ client does.
//
//   bench_ask ADDRESS TOKEN_FILE REQUEST_FILE RESPONSE_FILE TIMES
//
// Makes one call to warm up, then TIMES calls one after the other. Prints for each the microseconds
// the caller waited, its answer parsed, and those that the service says it took. REQUEST_FILE holds
// a serialized QueryRequest; the last QueryResponse is written to RESPONSE_FILE.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "common/rpc/channel_factory.h"
#include "tidemark/analytics/v1/analytics_service.grpc.pb.h"

namespace tidemark::bench {
namespace {

using analytics::v1::QueryRequest;
using analytics::v1::QueryResponse;
using std::chrono::steady_clock;

std::string Read(const char* path) {
  std::stringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

int Run(char** arguments, int times) {
  const auto channel = rpc::CreateChannel({.target = arguments[1]});
  if (!channel.ok()) {
    std::cerr << channel.status() << "\n";
    return 2;
  }
  const std::string token(absl::StripAsciiWhitespace(Read(arguments[2])));
  QueryRequest request;
  if (!request.ParseFromString(Read(arguments[3]))) {
    std::cerr << arguments[3] << " holds no QueryRequest\n";
    return 2;
  }
  const auto stub = analytics::v1::AnalyticsService::NewStub(*channel);
  QueryResponse response;
  for (int call = 0; call <= times; ++call) {
    response.Clear();
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, absl::Minutes(2));
    const auto start = steady_clock::now();
    const grpc::Status status = stub->Query(&context, request, &response);
    const std::chrono::duration<double, std::micro> waited = steady_clock::now() - start;
    if (!status.ok()) {
      std::cerr << "Query: " << status.error_message() << " (code " << status.error_code() << ")\n";
      return 1;
    }
    if (call > 0) std::cout << waited.count() << '\t' << response.meta().elapsed_us() << '\n';
  }
  std::ofstream(arguments[4], std::ios::binary) << response.SerializeAsString();
  return 0;
}

}  // namespace
}  // namespace tidemark::bench

int main(int count, char** arguments) {
  int times = 0;
  if (count != 6 || !absl::SimpleAtoi(arguments[5], &times) || times < 1) {
    std::cerr << "bench_ask ADDRESS TOKEN_FILE REQUEST_FILE RESPONSE_FILE TIMES\n";
    return 2;
  }
  return tidemark::bench::Run(arguments, times);
}
