#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_NOTES_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_NOTES_H_

#include <map>
#include <memory>
#include <typeindex>
#include <typeinfo>

namespace tidemark::catalog {

// What rules work out about a request and want to keep until it is judged, so that what many of its
// resources have in common is read once: one object of each type, made when it is first asked for.
class Notes {
 public:
  template <typename T>
  T& Of() {
    std::shared_ptr<void>& kept = kept_[std::type_index(typeid(T))];
    if (kept == nullptr) kept = std::make_shared<T>();
    return *static_cast<T*>(kept.get());
  }

 private:
  std::map<std::type_index, std::shared_ptr<void>> kept_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_NOTES_H_
