#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_TOGETHER_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_TOGETHER_H_

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "common/base/executor.h"

namespace tidemark::analytics {

// Calls work(0) on the calling thread and work(1) ... work(threads - 1) on those threads of `pool`
// (nullptr: none) that have time: what is to be done must get done by work(0) alone. Nothing of
// `work` runs any more when this returns or throws. The first exception of any of them is thrown
// here.
void RunTogether(base::Executor* pool, size_t threads, absl::FunctionRef<void(size_t)> work);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_TOGETHER_H_
