// SPDX-License-Identifier: Apache-2.0
// Functions of each element, and of two with broadcasting. Buffers begin at multiples of 256 bytes, so that whole packs
// of 16 bytes can be read from their start.
#include "order.cuh"
#include "strided.cuh"

namespace {

template <typename T>
struct alignas(16) Pack {
  static constexpr int SIZE = 16 / sizeof(T);
  T v[SIZE];
};

// The first `count` of a pack, which is whole but for the last.
template <typename T>
__device__ void store(T* y, const Pack<T>& pack, long long count, bool aligned = true) {
  if (aligned && count >= Pack<T>::SIZE) {
    *reinterpret_cast<Pack<T>*>(y) = pack;
  } else {
#pragma unroll
    for (int k = 0; k < Pack<T>::SIZE; k++)
      if (k < count) y[k] = pack.v[k];
  }
}

template <typename T>
__device__ Pack<T> load(const T* x, long long count) {
  if (count >= Pack<T>::SIZE) return *reinterpret_cast<const Pack<T>*>(x);
  Pack<T> pack;
#pragma unroll
  for (int k = 0; k < Pack<T>::SIZE; k++) pack.v[k] = k < count ? x[k] : T(0);
  return pack;
}

// y = f(x...), by packs: f is long, and there as often as a pack has elements.
template <typename T, typename F, typename... In>
__device__ void map(F f, long long n, T* y, const In*... x) {
  constexpr int SIZE = Pack<T>::SIZE;
  const long long step = (long long)gridDim.x * blockDim.x * SIZE;
  for (long long i = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * SIZE; i < n; i += step) {
    Pack<T> out;
    auto pack = [&](const Pack<In>&... in) {
#pragma unroll
      for (int k = 0; k < SIZE; k++) out.v[k] = f(in.v[k]...);
    };
    pack(load(x + i, n - i)...);
    store(y + i, out, n - i);
  }
}

// A pack of neighbours, or of what one element says of all of them.
template <typename T>
__device__ Pack<T> load(const T* x, long long count, bool repeats) {
  if (!repeats) return load(x, count);
  const T value = *x;
  Pack<T> pack;
#pragma unroll
  for (int k = 0; k < Pack<T>::SIZE; k++) pack.v[k] = value;
  return pack;
}

// n results of two operands that may repeat, along any axes. Either each unit of the region is a pack, within which an
// operand steps from element to element or stands still, and of which the last of a single axis may not be whole; or it is
// one element, and then y may begin anywhere.
template <typename T, typename F>
__device__ void broadcast(F f, const T* a, const T* b, T* y, const Strided& region, int n, bool packed) {
  constexpr int SIZE = Pack<T>::SIZE;
  const Strided::Axis& inner = region.axes[region.rank - 1];
  const bool aligned = reinterpret_cast<unsigned long long>(y) % sizeof(Pack<T>) == 0;
  const unsigned packs = (n - 1u) / SIZE + 1, step = gridDim.x * blockDim.x;
  for (unsigned i = blockIdx.x * blockDim.x + threadIdx.x; i < packs; i += step) {
    const int first = (int)(i * SIZE), count = n - first;
    Pack<T> left, right;
    if (packed) {
      const Strided::Place at = region.place(i);
      left = load(a + at.first, count, inner.first == 0);
      right = load(b + at.second, count, inner.second == 0);
    } else {
#pragma unroll
      for (int k = 0; k < SIZE; k++) {
        const Strided::Place at = region.place(min(first + k, n - 1));
        left.v[k] = a[at.first];
        right.v[k] = b[at.second];
      }
    }
    Pack<T> out;
#pragma unroll
    for (int k = 0; k < SIZE; k++) out.v[k] = f(left.v[k], right.v[k]);
    store(y + first, out, count, aligned);
  }
}

// 1 to any power and -1 to an infinite one are 1, as C has it.
struct Pow {
  template <typename T>
  __device__ T operator()(T x, T p) const {
    return p == 2 ? x * x : p == 1 ? x : pow(x, p);
  }
};

template <typename T>
__device__ T sigmoid(T x) {
  // Either branch keeps the exponential below 1.
  if (x >= 0) return 1 / (1 + exp(-x));
  const T e = exp(x);
  return e / (1 + e);
}

template <typename T>
__device__ T distribution(T x) {
  return T(0.5) * (1 + erf(x * T(0.70710678118654752440)));
}

template <typename T>
__device__ T density(T x) {
  return exp(T(-0.5) * x * x) * T(0.39894228040143267794);
}

constexpr double ROOT_2_PI = 0.79788456080286535588, CUBIC = 0.044715;

template <typename T>
__device__ T geluTanh(T x) {
  return tanh(T(ROOT_2_PI) * x * (1 + T(CUBIC) * x * x));
}

template <typename T>
__device__ T geluTanhSlope(T x) {
  const T t = geluTanh(x);
  return T(0.5) * (1 + t + x * (1 - t * t) * T(ROOT_2_PI) * (1 + 3 * T(CUBIC) * x * x));
}

}  // namespace

#define UNARY(NAME, EXPRESSION)                                                                          \
  extern "C" __global__ void unary_##NAME##_f32(const float* x, float* y, long long n, float p) {        \
    using T = float;                                                                                     \
    map<T>([p](T x) -> T { return EXPRESSION; }, n, y, x);                                               \
  }                                                                                                      \
  extern "C" __global__ void unary_##NAME##_f64(const double* x, double* y, long long n, double p) {     \
    using T = double;                                                                                    \
    map<T>([p](T x) -> T { return EXPRESSION; }, n, y, x);                                               \
  }

UNARY(scale, p * x)
UNARY(shift, x + p)
UNARY(pow, Pow()(x, p))
UNARY(neg, -x)
UNARY(abs, fabs(x))
UNARY(sign, T((x > 0) - (x < 0)))
UNARY(exp, exp(x))
UNARY(log, log(x))
UNARY(sqrt, sqrt(x))
UNARY(relu, x > 0 || isNaN(x) ? x : T(0))
UNARY(sigmoid, sigmoid(x))
UNARY(tanh, tanh(x))
UNARY(floor, floor(x))
UNARY(round, rint(x))
UNARY(expm1, expm1(x))
UNARY(log1p, log1p(x))
UNARY(softplus, (x > 0 ? x : T(0)) + log1p(exp(-fabs(x))))
UNARY(sin, sin(x))
UNARY(cos, cos(x))
UNARY(erf, erf(x))
UNARY(gelu_erf, x * distribution(x))
UNARY(gelu_tanh, T(0.5) * x * (1 + geluTanh(x)))

#define OF_TWO_IN(T, SUFFIX, NAME, EXPRESSION)                                                                   \
  extern "C" __global__ void NAME##_##SUFFIX(const T* a, const T* b, T* y, long long n) {                        \
    map<T>([](T a, T b) -> T { return EXPRESSION; }, n, y, a, b);                                                \
  }

#define OF_TWO(NAME, EXPRESSION)             \
  OF_TWO_IN(float, f32, NAME, EXPRESSION)    \
  OF_TWO_IN(double, f64, NAME, EXPRESSION)

#define BINARY_IN(T, SUFFIX, NAME, EXPRESSION)                                                                   \
  extern "C" __global__ void binary_##NAME##_##SUFFIX(const T* a, const T* b, T* y, Strided region, int n,       \
                                                           int packed) {                                          \
    broadcast([](T a, T b) -> T { return EXPRESSION; }, a, b, y, region, n, packed);                             \
  }

#define BINARY(NAME, EXPRESSION)             \
  BINARY_IN(float, f32, NAME, EXPRESSION)    \
  BINARY_IN(double, f64, NAME, EXPRESSION)

BINARY(add, a + b)
BINARY(sub, a - b)
BINARY(mul, a* b)
BINARY(div, a / b)
BINARY(maximum, larger(a, b))
BINARY(minimum, smaller(a, b))
BINARY(gt, a > b ? 1 : 0)
BINARY(eq, a == b ? 1 : 0)
BINARY(ge, a >= b ? 1 : 0)
BINARY(mask, b != 0 ? a : 0)
BINARY(pow, pow(a, b))
BINARY(atan2, atan2(a, b))

// Of a result y and the gradient g of it.
OF_TWO(relu_gradient, a <= 0 ? 0 : b)
// Of an input x and the gradient g of the result.
OF_TWO(gelu_erf_gradient, b*(distribution(a) + a * density(a)))
OF_TWO(gelu_tanh_gradient, b* geluTanhSlope(a))

#define AXPY(T, SUFFIX)                                                                        \
  extern "C" __global__ void axpy_##SUFFIX(const T* x, T* y, long long n, T alpha) {           \
    map<T>([alpha](T x, T y) -> T { return y + alpha * x; }, n, y, x, (const T*)y);            \
  }
AXPY(float, f32)
AXPY(double, f64)
