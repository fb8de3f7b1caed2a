// bench_ask: asks questions of analytics again and again, as a C++ client does.
//
//   bench_ask ADDRESS TOKEN_FILE REQUEST_FILE RESPONSE_FILE
//
// For each line on stdin, which is `call` or `stream` and a number of times: asks what REQUEST_FILE
// then holds, a serialized QueryRequest, once to warm up and so many times one after the other, all
// by one connection: each by a call of Query, or all over one ExchangeQueries stream. Prints for
// each of these the microseconds the caller waited, its answer parsed, and those that the service
// says it took, then an empty line; by then the last QueryResponse is in RESPONSE_FILE.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
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

// Asks once; the answer is parsed.
using AskOnce = std::function<grpc::Status(const QueryRequest&, QueryResponse*)>;

// The exit code; 0 when all were answered.
int Ask(const AskOnce& ask_once, char** files, int times) {
  QueryRequest request;
  if (!request.ParseFromString(Read(files[0]))) {
    std::cerr << files[0] << " holds no QueryRequest\n";
    return 2;
  }
  QueryResponse response;
  for (int i = 0; i <= times; ++i) {
    response.Clear();
    const auto start = steady_clock::now();
    const grpc::Status status = ask_once(request, &response);
    const std::chrono::duration<double, std::micro> waited = steady_clock::now() - start;
    if (!status.ok()) {
      std::cerr << status.error_message() << " (code " << status.error_code() << ")\n";
      return 1;
    }
    if (i > 0) std::cout << waited.count() << '\t' << response.meta().elapsed_us() << '\n';
  }
  std::ofstream(files[1], std::ios::binary) << response.SerializeAsString();
  std::cout << std::endl;
  return 0;
}

int AskByCalls(Stub& stub, const std::string& token, char** files, int times) {
  const auto ask_once = [&](const QueryRequest& request, QueryResponse* response) {
    grpc::ClientContext context;
    rpc::PrepareCall(&context, token, absl::Minutes(2));
    return stub.Query(&context, request, response);
  };
  return Ask(ask_once, files, times);
}

int AskByStream(Stub& stub, const std::string& token, char** files, int times) {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, token, absl::InfiniteDuration());
  const auto stream = stub.ExchangeQueries(&context);
  analytics::v1::ExchangeQueriesRequest message;
  analytics::v1::ExchangeQueriesResponse answer;
  const auto ask_once = [&](const QueryRequest& request, QueryResponse* response) {
    if (!message.has_request()) *message.mutable_request() = request;
    if (!stream->Write(message) || !stream->Read(&answer)) return stream->Finish();
    if (answer.has_error()) {
      return grpc::Status(static_cast<grpc::StatusCode>(answer.error().code()),
                          answer.error().message());
    }
    response->Swap(answer.mutable_response());
    return grpc::Status::OK;
  };
  const int code = Ask(ask_once, files, times);
  context.TryCancel();
  return code;
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
    const std::pair<std::string, std::string> words = absl::StrSplit(line, ' ');
    int times = 0;
    if ((words.first != "call" && words.first != "stream") ||
        !absl::SimpleAtoi(words.second, &times) || times < 1) {
      std::cerr << "'" << line << "' is no 'call TIMES' or 'stream TIMES'\n";
      return 2;
    }
    const auto ask = words.first == "call" ? AskByCalls : AskByStream;
    const int code = ask(*stub, token, arguments + 2, times);
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
