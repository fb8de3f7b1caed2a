#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_PROBLEMS_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_PROBLEMS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace tidemark::catalog {

// Everything found wrong with one request, so that the caller can mend it in one go.
class Problems {
 public:
  void Add(std::string field, std::string message, std::string_view reason);
  bool empty() const { return count_ == 0; }
  size_t count() const { return count_; }

  // OK when empty. Code, message and reason are those of the first problem; every field is in
  // the BadRequest, up to a limit.
  absl::Status ToStatus(absl::StatusCode code) const;

 private:
  struct Problem {
    std::string field;
    std::string message;
    std::string_view reason;
  };
  std::vector<Problem> kept_;
  size_t count_ = 0;
};

// Where in a request a resource stands; makes the field paths of its problems, such as
// `resources[3].region.parent`.
class Report {
 public:
  // `index` < 0: the resource is the request itself.
  Report(Problems* problems, int index, std::string_view name, std::string_view type_field)
      : problems_(problems), index_(index), name_(name), type_field_(type_field) {}

  // A field of the resource. `reason` is a string literal.
  void Add(std::string_view field, std::string_view message,
           std::string_view reason = "INVALID_RESOURCE");
  // A field of the type's part.
  void AddTyped(std::string_view field, std::string_view message,
                std::string_view reason = "INVALID_RESOURCE");
  // Reports what all types share: AddTyped as Add.
  Report Shared() const { return Report(problems_, index_, name_, ""); }
  // Problems of the request so far.
  size_t count() const { return problems_->count(); }

 private:
  Problems* problems_;
  int index_;
  std::string_view name_;
  std::string_view type_field_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_PROBLEMS_H_
