#ifndef TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_LEASE_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_LEASE_H_

#include <memory>
#include <utility>

#include "services/catalog/store/sqlite_catalog_store.h"

namespace tidemark::catalog {

// A connection for reading, taken out of the pool while it lives; waits for a free one.
class SqliteCatalogStore::Lease {
 public:
  explicit Lease(const SqliteCatalogStore& store) : store_(store) {
    base::MutexLock lock(store_.readers_mutex_);
    while (store_.readers_.empty()) store_.reader_free_.Wait(store_.readers_mutex_);
    connection_ = std::move(store_.readers_.back());
    store_.readers_.pop_back();
  }
  ~Lease() {
    base::MutexLock lock(store_.readers_mutex_);
    store_.readers_.push_back(std::move(connection_));
    store_.reader_free_.NotifyOne();
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  SqliteConnection* operator->() const { return connection_.get(); }

 private:
  const SqliteCatalogStore& store_;
  std::unique_ptr<SqliteConnection> connection_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_LEASE_H_
