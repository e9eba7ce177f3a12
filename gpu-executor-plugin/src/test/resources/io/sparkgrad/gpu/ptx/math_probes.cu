// SPDX-License-Identifier: Apache-2.0
// The functions of CUDA's math library, as the kernels use them. Rebuild: nvcc -O3 -arch=compute_75 -ptx math_probes.cu -o - |
//   sed -e '/^\/\//d' -e 's/^\.version .*/.version 7.0/' > math_probes.ptx
#include <math.h>

#define FUNCTIONS(T, ROW) \
  ROW(exp(v)) ROW(log(v)) ROW(tanh(v)) ROW(erf(v)) ROW(pow(v, (T)1.75)) ROW(sin(v)) ROW(cos(v)) ROW(sqrt(v)) \
  ROW(rsqrt(v)) ROW(log1p(v)) ROW(expm1(v)) ROW(atan2(v, (T)2)) ROW(floor(v)) ROW(rint(v)) ROW(fma(v, v, (T)1)) \
  ROW(fmin(v, (T)1)) ROW(fmax(v, (T)0)) ROW(1 / v) ROW(v / (T)3.25) ROW(tan(v)) ROW(cbrt(v)) ROW(round(v)) \
  ROW(trunc(v)) ROW(fmod(v, (T)3)) ROW(asin(v)) ROW(exp2(v)) ROW(log2(v)) ROW(ceil(v)) ROW(cosh(v)) \
  ROW(copysign(v, (T)-1)) ROW((T)isnan(v)) ROW((T)isinf(v)) ROW((T)(signbit(v) != 0)) ROW(fabs(v)) ROW(ldexp(v, 3))

#define KERNEL(NAME, T)                                          \
  extern "C" __global__ void NAME(const T* x, T* y, int n) {     \
    int i = blockIdx.x * blockDim.x + threadIdx.x, row = 0;      \
    if (i >= n) return;                                          \
    T v = x[i];                                                  \
    FUNCTIONS(T, STORE)                                          \
  }
#define STORE(F) y[row++ * n + i] = F;

KERNEL(floats, float)
KERNEL(doubles, double)
