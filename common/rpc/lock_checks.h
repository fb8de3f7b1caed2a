#ifndef TIDEMARK_COMMON_RPC_LOCK_CHECKS_H_
#define TIDEMARK_COMMON_RPC_LOCK_CHECKS_H_

namespace tidemark::rpc {

// Debian builds Abseil without NDEBUG, so that gRPC, whose locks are Abseil's, writes down the
// order of every lock it takes, to find deadlocks. Release builds of ours stop that for the
// process: a small call is about a tenth quicker. Safe to call often and from any thread.
void SkipLockOrderChecks();

}  // namespace tidemark::rpc

#endif  // TIDEMARK_COMMON_RPC_LOCK_CHECKS_H_
