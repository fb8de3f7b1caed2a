#ifndef TIDEMARK_COMMON_BASE_EXACT_MATH_H_
#define TIDEMARK_COMMON_BASE_EXACT_MATH_H_

#include <cstdint>

// Functions whose results are correctly rounded: the double nearest to the exact value, a tie to
// the even one, subnormals too. So they are the same bits on every machine, which those of the C
// library are not.
//
// Outside of their domains they return NaN or an infinity as the functions of <cmath> do; what is
// shown to people is checked before.
namespace tidemark::base {

// Natural logarithm; of 0: -infinity, below 0: NaN.
double ExactLog(double x);

double ExactExp(double x);

double ExactPow(double base, double exponent);

// The n-th root, n >= 1. NaN below 0 when n is even, and always when n is 0.
double ExactRoot(double x, uint32_t n);

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_EXACT_MATH_H_
