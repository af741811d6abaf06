// The elementary functions that results may depend on: the same bits on every machine.
//
// The C library picks variants by CPU, and rounds differently from version to version. These use
// only additions, multiplications, divisions and square roots in a fixed order, which IEEE 754
// defines to the last bit. Errors are against exact values, in units in the last place (ulp); the
// test measures them.

#pragma once

namespace tocsin {

/// log(x). Error: below 1 ulp. -inf at 0, NaN below, inf at inf.
double natural_log(double x);

/// log(1 + x), exact also where x is tiny. Error: below 3 ulp.
double natural_log1p(double x);

/// log10(x). Error: below 3 ulp; exact at the powers of ten.
double decimal_log(double x);

/// exp(x). Error: below 1 ulp (subnormal results: 1 unit of 2^-1074). 0 and inf beyond the range.
double natural_exp(double x);

/// exp(x) - 1, exact also where x is tiny. Error: below 4 ulp.
double natural_expm1(double x);

/// The share of the newest of many points under which weights halve within `half_life` points.
double forgetting(double half_life);

/// base^exponent for base >= 0, as exp(exponent log(base)); 1 where the exponent is 0.
/// Error: below 2 + |exponent log(base)| ulp.
double power(double base, double exponent);

/// The probability that a standard normal variable exceeds z. Relative error: below 1e-14 while
/// the result is normal.
double normal_tail(double z);

/// The z that a standard normal variable exceeds with probability p in (0, 1): the inverse of
/// `normal_tail`. inf at 0, -inf at 1, NaN outside. Relative error: below 1e-14.
///
/// Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
/// Applied Statistics 37 (1988), routine PPND16. Differs in the sign: it inverts the lower tail.
double normal_tail_quantile(double p);

}  // namespace tocsin
