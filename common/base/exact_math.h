#ifndef TIDEMARK_COMMON_BASE_EXACT_MATH_H_
#define TIDEMARK_COMMON_BASE_EXACT_MATH_H_

#include <cstdint>

// Functions whose doubles are the ones nearest to the true values, so that every machine and every
// release of a math library gives the same bits. Logarithms and exponentials take some tens of
// nanoseconds, the others some microseconds.
namespace tidemark::base {

// Natural logarithm; x > 0.
double Log(double x);
double Exp(double x);
// x^y; x > 0.
double Power(double x, double y);
// (a ÷ b)^(1/n), the quotient not rounded before; a >= 0, b > 0, n >= 1.
double RootOfQuotient(double a, double b, uint32_t n);

}  // namespace tidemark::base

#endif  // TIDEMARK_COMMON_BASE_EXACT_MATH_H_
