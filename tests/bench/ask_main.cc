// bench_ask: asks questions of analytics again and again, as a C++ client does.
//
//   bench_ask ADDRESS TOKEN_FILE REQUEST_FILE RESPONSE_FILE
//
// For each line on stdin, which is a number of times: asks what REQUEST_FILE then holds, a
// serialized QueryRequest, once to warm up and so many times one call after the other, all by one
// connection. Prints for each of these the microseconds the caller waited, its answer parsed, and
// those that the service says it took, then an empty line; by then the last QueryResponse is in
// RESPONSE_FILE.
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

using Stub = analytics::v1::AnalyticsService::Stub;

// The exit code; 0 when all calls were answered.
int Ask(Stub& stub, const std::string& token, char** files, int times) {
  QueryRequest request;
  if (!request.ParseFromString(Read(files[0]))) {
    std::cerr << files[0] << " holds no QueryRequest\n";
    return 2;
  }
  QueryResponse response;
  for (int call = 0; call <= times; ++call) {
    response.Clear();
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, absl::Minutes(2));
    const auto start = steady_clock::now();
    const grpc::Status status = stub.Query(&context, request, &response);
    const std::chrono::duration<double, std::micro> waited = steady_clock::now() - start;
    if (!status.ok()) {
      std::cerr << "Query: " << status.error_message() << " (code " << status.error_code() << ")\n";
      return 1;
    }
    if (call > 0) std::cout << waited.count() << '\t' << response.meta().elapsed_us() << '\n';
  }
  std::ofstream(files[1], std::ios::binary) << response.SerializeAsString();
  std::cout << std::endl;
  return 0;
}

int Run(char** arguments) {
  const auto channel = rpc::CreateChannel({.target = arguments[0]});
  if (!channel.ok()) {
    std::cerr << channel.status() << "\n";
    return 2;
  }
  const std::string token(absl::StripAsciiWhitespace(Read(arguments[1])));
  const auto stub = analytics::v1::AnalyticsService::NewStub(*channel);
  for (std::string line; std::getline(std::cin, line);) {
    int times = 0;
    if (!absl::SimpleAtoi(line, &times) || times < 1) {
      std::cerr << "'" << line << "' is no number of times\n";
      return 2;
    }
    const int code = Ask(*stub, token, arguments + 2, times);
    if (code != 0) return code;
  }
  return 0;
}

}  // namespace
}  // namespace tidemark::bench

int main(int count, char** arguments) {
  if (count != 5) {
    std::cerr << "bench_ask ADDRESS TOKEN_FILE REQUEST_FILE RESPONSE_FILE\n";
    return 2;
  }
  return tidemark::bench::Run(arguments + 1);
}
