#include "detectors/elementary.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tocsin {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// log(2) in two parts: the first has 21 trailing zero bits, so that its product with an exponent
// is exact.
constexpr double kLog2High = 0x1.62e42feep-1;
constexpr double kLog2Low = 0x1.a39ef35793c76p-33;

/// x = 2^exponent (1 + fraction) with 1 + fraction in [sqrt(1/2), sqrt(2)).
struct Split {
  int exponent;
  double fraction;
};

/// Splits x > 0, finite.
Split split(double x) {
  int exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    exponent = -54;
  }
  // Counting from the bits of sqrt(1/2) puts the wrap of the exponent there.
  constexpr auto kRootHalf = std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1);
  const auto bits = std::bit_cast<std::uint64_t>(x) - kRootHalf;
  const auto shift = static_cast<std::int64_t>(bits) >> 52;
  const auto mantissa = (bits & 0xfffffffffffffU) + kRootHalf;
  return {exponent + static_cast<int>(shift), std::bit_cast<double>(mantissa) - 1};
}

/// log(1 + f) - f for 1 + f in [sqrt(1/2), sqrt(2)).
///
/// With s = f / (2 + f), log(1 + f) = 2 artanh(s) = 2s + 2s (s^2/3 + s^4/5 + ...), and
/// 2s = f - s f: the sum hangs on f, which is exact, and the correction is small.
double log_correction(double f) {
  const double s = f / (2 + f);
  const double z = s * s;
  const double z2 = z * z;
  const double z4 = z2 * z2;
  // 2 (z/3 + z^2/5 + ... + z^10/21), in pairs so that the terms do not wait for one another. The
  // next term is 5e-18 of the whole.
  const double low = (2.0 / 3 + z * (2.0 / 5)) + z2 * (2.0 / 7 + z * (2.0 / 9));
  const double middle = (2.0 / 11 + z * (2.0 / 13)) + z2 * (2.0 / 15 + z * (2.0 / 17));
  const double high = 2.0 / 19 + z * (2.0 / 21);
  const double series = z * (low + z4 * (middle + z4 * high));
  return s * (series - f);
}

/// What a logarithm is where x is not a positive finite number.
double special_log(double x) {
  if (x == 0) return -kInfinity;
  return x > 0 ? x : kNan;  // inf, or negative or NaN
}

bool is_positive_finite(double x) { return x > 0 && x < kInfinity; }

/// 2^exponent for a normal result.
double power_of_two(std::int64_t exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

/// The integer nearest to x, |x| < 2^51, as a double: the sum has no room for a fraction.
double nearest_integer(double x) {
  constexpr double kShifter = 0x1.8p52;
  return (x + kShifter) - kShifter;
}

// AS 241, highest power first: numerators and denominators for the centre, |p - 1/2| <= 0.425, for
// sqrt(-log p) <= 5, and beyond.
constexpr std::array<double, 8> kCentreAbove{2.5090809287301226727e+3, 3.3430575583588128105e+4,
                                             6.7265770927008700853e+4, 4.5921953931549871457e+4,
                                             1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                             1.3314166789178437745e+2, 3.3871328727963666080e0};
constexpr std::array<double, 8> kCentreBelow{5.2264952788528545610e+3, 2.8729085735721942674e+4,
                                             3.9307895800092710610e+4, 2.1213794301586595867e+4,
                                             5.3941960214247511077e+3, 6.8718700749205790830e+2,
                                             4.2313330701600911252e+1, 1};
constexpr std::array<double, 8> kMiddleAbove{7.74545014278341407640e-4, 2.27238449892691845833e-2,
                                             2.41780725177450611770e-1, 1.27045825245236838258e0,
                                             3.64784832476320460504e0,  5.76949722146069140550e0,
                                             4.63033784615654529590e0,  1.42343711074968357734e0};
constexpr std::array<double, 8> kMiddleBelow{1.05075007164441684324e-9, 5.47593808499534494600e-4,
                                             1.51986665636164571966e-2, 1.48103976427480074590e-1,
                                             6.89767334985100004550e-1, 1.67638483018380384940e0,
                                             2.05319162663775882187e0,  1};
constexpr std::array<double, 8> kFarAbove{2.01033439929228813265e-7, 2.71155556874348757815e-5,
                                          1.24266094738807843860e-3, 2.65321895265761230930e-2,
                                          2.96560571828504891230e-1, 1.78482653991729133580e0,
                                          5.46378491116411436990e0,  6.65790464350110377720e0};
constexpr std::array<double, 8> kFarBelow{2.04426310338993978564e-15, 1.42151175831644588870e-7,
                                          1.84631831751005468180e-5,  7.86869131145613259100e-4,
                                          1.48753612908506148525e-2,  1.36929880922735805310e-1,
                                          5.99832206555887937690e-1,  1};

/// Value of the polynomial with these coefficients, the highest power first.
template <std::size_t n>
double polynomial(const std::array<double, n>& coefficients, double x) {
  double sum = coefficients[0];
  for (std::size_t i = 1; i < n; ++i) sum = sum * x + coefficients[i];
  return sum;
}

/// The first 26 bits of x: products of two such numbers are exact.
double leading_bits(double x) {
  constexpr std::uint64_t kMask = ~((std::uint64_t{1} << 27) - 1);
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & kMask);
}

/// exp(-z^2 / 2). The square is taken in two parts, because an error in it is an error of the
/// whole result.
double bell(double z) {
  const double coarse = leading_bits(z);
  const double rest = (z - coarse) * (z + coarse);
  return natural_exp(-0.5 * coarse * coarse) * natural_exp(-0.5 * rest);
}

// Chebyshev coefficients of normal_tail(z) / (t bell(z)) for z >= 0 with t = 4 / (4 + z), over
// 2 t - 1 in [-1, 1], highest order first. Computed with 50 digits; the next one is 1e-17.
constexpr std::array<double, 25> kTail{
    1.0142661060838386e-17,  7.1512353606540533e-18,  -2.0130368431552333e-16,
    3.0451658804315853e-16,  3.232846081541394e-15,   -1.2268185079261061e-14,
    -4.3538406631637033e-14, 3.2821541166777413e-13,  4.6062017111762346e-13,
    -7.9362073746457577e-12, -2.485356047851177e-12,  1.9435038070971737e-10,
    -2.8206509081173767e-11, -5.1716270154357082e-09, -8.4525503001729389e-10,
    1.536333687349456e-07,   2.5258922136865774e-07,  -4.7258422549267412e-06,
    -2.5136847908026697e-05, 8.0149618599537488e-05,  0.0017314801240606202,
    0.012129438315111521,    0.055548388918812759,    0.18792720420989265,
    0.24261280114151915,
};

/// Sum of the Chebyshev series at x in [-1, 1], by Clenshaw's recurrence.
double chebyshev_sum(double x) {
  double later = 0;
  double last = 0;
  for (std::size_t i = 0; i + 1 < kTail.size(); ++i) {
    const double sum = 2 * x * last - later + kTail[i];
    later = last;
    last = sum;
  }
  return x * last - later + kTail.back();
}

/// normal_tail for z >= 0.
double upper_tail(double z) {
  if (z > 39) return 0;  // below the smallest double
  const double t = 4 / (4 + z);
  return bell(z) * t * chebyshev_sum(2 * t - 1);
}

}  // namespace

double natural_log(double x) {
  if (!is_positive_finite(x)) return special_log(x);
  const auto [exponent, f] = split(x);
  const double k = exponent;
  return k * kLog2High + (f + (k * kLog2Low + log_correction(f)));
}

double natural_log1p(double x) {
  if (!(x > -1 && x < kInfinity)) return special_log(1 + x);
  const double sum = 1 + x;
  if (sum == 1) return x;
  // What the sum lost is made good by the slope of the logarithm: W. Kahan's way.
  return natural_log(sum) * (x / (sum - 1));
}

double natural_exp(double x) {
  constexpr double kLargest = 709.782712893384;     // log of the largest double
  constexpr double kSmallest = -745.1332191019412;  // log of half the smallest
  if (x > kLargest) return kInfinity;
  if (x < kSmallest) return 0;
  if (std::isnan(x)) return x;
  const double k = nearest_integer(x * 0x1.71547652b82fep0);
  const double high = x - k * kLog2High;
  const double low = k * kLog2Low;
  const double r = high - low;  // |r| <= log(2) / 2
  const double r2 = r * r;
  const double r4 = r2 * r2;
  // (exp(r) - 1 - r) / r^2 to r^13 / 13!; the next term is 4e-18 of the whole.
  const double a = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
  const double b = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
  const double c =
      (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800));
  const double rest = r2 * (a + r4 * (b + r4 * c));
  const double scaled = 1 + (high - (low - rest));
  const auto exponent = static_cast<std::int64_t>(k);
  if (exponent > -1022 && exponent < 1024) return scaled * power_of_two(exponent);
  // In two steps, so that each factor is a normal number.
  const std::int64_t half = exponent / 2;
  return scaled * power_of_two(half) * power_of_two(exponent - half);
}

double natural_expm1(double x) {
  const double value = natural_exp(x);
  if (value == 1) return x;
  const double difference = value - 1;
  if (difference == -1 || !(value < kInfinity)) return difference;
  return difference * (x / natural_log(value));  // as in natural_log1p
}

double forgetting(double half_life) {
  constexpr double kLog2 = 0.6931471805599453;
  return -natural_expm1(-kLog2 / half_life);
}

double power(double base, double exponent) {
  if (exponent == 0) return 1;
  return natural_exp(exponent * natural_log(base));
}

double decimal_log(double x) {
  if (!is_positive_finite(x)) return special_log(x);
  // log10(2) and log10(e) in two parts each. The first parts, of 42 and 26 bits, have exact
  // products with the exponent and with the first 26 bits of log(1 + f).
  constexpr double kTwoHigh = 0x1.34413509f78p-2;
  constexpr double kTwoLow = 0x1.fef311f12b358p-46;
  constexpr double kE = 0x1.bcb7b1526e50ep-2;
  constexpr double kEHigh = 0x1.bcb7b1p-2;
  constexpr double kELow = 0x1.49b9438ca9aaep-28;
  const auto [exponent, f] = split(x);
  const double k = exponent;
  const double correction = log_correction(f);
  const double high = leading_bits(f + correction);
  const double low = (f - high) + correction;
  const double rest = k * kTwoLow + (low * kE + high * kELow);
  const double value = (k * kTwoHigh + high * kEHigh) + rest;
  // People compare with powers of ten: 2 ulp is no reason to miss one.
  const double integer = nearest_integer(value);
  return std::fabs(value - integer) <= 0x1p-51 * std::fabs(integer) ? integer : value;
}

double normal_tail(double z) {
  if (!(z >= 0)) return z < 0 ? 1 - upper_tail(-z) : z;
  return upper_tail(z);
}

double normal_tail_quantile(double p) {
  if (!(p > 0 && p < 1)) {
    if (p == 0) return kInfinity;
    return p == 1 ? -kInfinity : kNan;
  }
  const double q = 0.5 - p;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(kCentreAbove, r) / polynomial(kCentreBelow, r);
  }
  const double tail = q > 0 ? p : 1 - p;
  const double r = std::sqrt(-natural_log(tail));
  const double z = r <= 5 ? polynomial(kMiddleAbove, r - 1.6) / polynomial(kMiddleBelow, r - 1.6)
                          : polynomial(kFarAbove, r - 5) / polynomial(kFarBelow, r - 5);
  return q > 0 ? z : -z;
}

}  // namespace tocsin
