#include "common/redis/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/countdown.h"
#include "common/base/mutex.h"

namespace tidemark::redis {
namespace {

using Addresses = absl::StatusOr<std::vector<SocketAddress>>;

Addresses LookUp(const std::string& host, const std::string& port, int flags) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("redis host ", host, ": ", ::gai_strerror(error)));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress& address = addresses.emplace_back();
    std::memcpy(&address.bytes, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
  }
  ::freeaddrinfo(found);
  std::stable_partition(addresses.begin(), addresses.end(),
                        [](const SocketAddress& a) { return a.get()->sa_family == AF_INET; });
  return addresses;
}

// The lookups under way, by "host:port".
struct Lookups {
  struct Lookup {
    std::optional<Addresses> result;
  };
  base::Mutex mutex;
  base::CondVar done;
  absl::flat_hash_map<std::string, std::shared_ptr<Lookup>> by_name ABSL_GUARDED_BY(mutex);
};

// Never destroyed: a lookup may outlive main().
Lookups& GetLookups() {
  static Lookups* const lookups = new Lookups;
  return *lookups;
}

}  // namespace

absl::StatusOr<std::vector<SocketAddress>> ResolveHost(const std::string& host, int port,
                                                       absl::Duration timeout) {
  const std::string service = absl::StrCat(port);
  if (Addresses numeric = LookUp(host, service, AI_NUMERICHOST); numeric.ok()) return numeric;
  const std::string name = absl::StrCat(host, ":", port);
  const base::Countdown countdown(timeout);
  Lookups& lookups = GetLookups();
  base::MutexLock lock(lookups.mutex);
  std::shared_ptr<Lookups::Lookup>& entry = lookups.by_name[name];
  if (entry == nullptr) {
    entry = std::make_shared<Lookups::Lookup>();
    std::thread([&lookups, host, service, name, lookup = entry] {
      Addresses result = LookUp(host, service, 0);
      base::MutexLock inner(lookups.mutex);
      lookup->result = std::move(result);
      lookups.by_name.erase(name);
      lookups.done.NotifyAll();
    }).detach();
  }
  const std::shared_ptr<Lookups::Lookup> lookup = entry;
  while (!lookup->result) {
    const absl::Duration left = countdown.Left();
    if (left <= absl::ZeroDuration()) {
      return absl::UnavailableError(
          absl::StrCat("redis host ", host, ": not found within ", absl::FormatDuration(timeout)));
    }
    lookups.done.WaitFor(lookups.mutex, left);
  }
  return *lookup->result;
}

}  // namespace tidemark::redis
