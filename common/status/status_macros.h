#ifndef TIDEMARK_COMMON_STATUS_STATUS_MACROS_H_
#define TIDEMARK_COMMON_STATUS_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expr` (absl::Status) is not OK.
#define TM_RETURN_IF_ERROR(expr)             \
  do {                                       \
    ::absl::Status tm_status_value = (expr); \
    if (!tm_status_value.ok()) [[unlikely]]  \
      return tm_status_value;                \
  } while (false)

// TM_ASSIGN_OR_RETURN(auto file, fs.OpenRead(path));
#define TM_ASSIGN_OR_RETURN(lhs, expr) \
  TM_ASSIGN_OR_RETURN_IMPL_(TM_STATUS_CONCAT_(tm_status_or_, __LINE__), lhs, expr)

#define TM_ASSIGN_OR_RETURN_IMPL_(var, lhs, expr) \
  auto var = (expr);                              \
  if (!var.ok()) [[unlikely]]                     \
    return std::move(var).status();               \
  lhs = *std::move(var)
#define TM_STATUS_CONCAT_(a, b) TM_STATUS_CONCAT_INNER_(a, b)
#define TM_STATUS_CONCAT_INNER_(a, b) a##b

#endif  // TIDEMARK_COMMON_STATUS_STATUS_MACROS_H_
