#ifndef TIDEMARK_COMMON_REDIS_TESTING_REDIS_SERVER_H_
#define TIDEMARK_COMMON_REDIS_TESTING_REDIS_SERVER_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/redis/connection.h"
#include "common/testing/temp_dir.h"

namespace tidemark::testing {

// A real redis-server on a free loopback port, without persistence; ended by the destructor.
// Failures to start are test failures.
class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> more_arguments = {});
  ~RedisServer();

  redis::Endpoint endpoint() const { return {.host = "127.0.0.1", .port = port_}; }
  // SIGSTOP and SIGCONT: accepts connections (the kernel does) and answers nothing.
  void Pause();
  void Resume();
  void Kill();
  // On the same port, empty.
  void Start();
  // On a connection of its own; "" for nil and for what is no text; a failure of the test when
  // Redis answers with an error.
  std::string Command(const std::vector<std::string_view>& args);

 private:
  bool TryStart();

  TempDir dir_;
  std::vector<std::string> more_arguments_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_REDIS_TESTING_REDIS_SERVER_H_
