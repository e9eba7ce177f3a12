// SPDX-License-Identifier: Apache-2.0
// One value everywhere: a thread for each element.

template <typename T>
__device__ void fill(T* y, long long n, T value) {
  long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
  if (i < n) y[i] = value;
}

extern "C" __global__ void fill_f32(float* y, long long n, float value) { fill(y, n, value); }
extern "C" __global__ void fill_f64(double* y, long long n, double value) { fill(y, n, value); }
extern "C" __global__ void fill_i64(long long* y, long long n, long long value) { fill(y, n, value); }
extern "C" __global__ void fill_u8(unsigned char* y, long long n, int value) { fill(y, n, (unsigned char)value); }

// Zeros to n times 16 bytes.
extern "C" __global__ void zero(int4* y, long long n) { fill(y, n, make_int4(0, 0, 0, 0)); }
