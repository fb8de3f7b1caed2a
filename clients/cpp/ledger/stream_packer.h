// Private to BodyWriter: packs the streams of a block (docs/formats/block.md, "Body").
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_STREAM_PACKER_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_STREAM_PACKER_H_

#include <memory>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;

namespace tidemark::ledger {

// Most streams are a byte of every row. Where rows do not follow each other in a pattern zstd finds
// short repetitions all the same, which cost more than the bytes that they stand for: looking for
// none takes a third of the time, and a quarter less room. Which streams those are is judged by a
// sample.
//
// The same bytes give the same frame with the same zstd library. Thread-compatible.
class StreamPacker {
 public:
  StreamPacker();
  ~StreamPacker();
  StreamPacker(const StreamPacker&) = delete;
  StreamPacker& operator=(const StreamPacker&) = delete;

  // `bytes` as one frame, until the next call; empty: not worth it.
  std::string_view Pack(std::string_view bytes);

 private:
  using Context = std::unique_ptr<ZSTD_CCtx_s, size_t (*)(ZSTD_CCtx_s*)>;
  static Context Create();

  Context near_;     // repetitions in a stream of usual size
  Context far_;      // and in a large one
  Context entropy_;  // no repetitions
  std::string packed_;
};

namespace internal {
// What makes `bytes` smaller, by a sample.
enum class Packing { kNone, kEntropy, kRepetitions };
Packing PackingFor(std::string_view bytes);
}  // namespace internal

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_STREAM_PACKER_H_
