#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_FAST_RANDOM_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_FAST_RANDOM_H_

#include <cstdint>

namespace tidemark::simulate {

// A good 64-bit mix (splitmix64's finisher).
inline uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// A stream of random numbers that is a pure function of its two seeds. The standard library's
// distributions are slow and differ between implementations.
class FastRandom {
 public:
  FastRandom(uint64_t seed, uint64_t stream) : state_(Mix(seed ^ Mix(stream))) {}

  uint64_t Next() { return Mix(state_ += 0xd1342543de82ef95); }
  // 0 to bound - 1; bound fits 32 bits.
  uint64_t Below(uint64_t bound) { return ((Next() >> 32) * bound) >> 32; }
  // In [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  bool Chance(double probability) { return Unit() < probability; }

 private:
  uint64_t state_;
};

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_FAST_RANDOM_H_
