// SPDX-License-Identifier: Apache-2.0
// Kernels that the emulator's tests run. Rebuild: nvcc -O3 -arch=compute_75 -ptx probes.cu -o - |
//   sed -e '/^\/\//d' -e 's/^\.version .*/.version 7.0/' > probes.ptx
#include <assert.h>

#define INDEX (blockIdx.x * blockDim.x + threadIdx.x)

extern "C" __global__ void doubled(float* x, int n) {
  int i = INDEX;
  if (i < n) x[i] = 2 * x[i];
}

// --- control flow

__device__ int collatz(int n) {
  int steps = 0;
  for (; n != 1; steps++) n = n % 2 == 0 ? n / 2 : 3 * n + 1;
  return steps;
}

extern "C" __global__ void loops(int* y) { y[INDEX] = collatz(INDEX + 1); }

extern "C" __global__ void cases(const int* x, int* y) {
  int v = x[INDEX];
  int r;
  switch (v) {
    case 0: r = __popc(v + 7); break;
    case 1: r = __clz(v) * 3; break;
    case 2: r = atomicAdd(y + 32, 1) & 0; break;
    case 3: r = __brev(v); break;
    case 4: r = __ffs(v) + v * 5; break;
    case 5: r = min(v, 3); break;
    default: r = -v;
  }
  y[INDEX] = r;
}

extern "C" __global__ void localArray(float* y, int k) {
  float a[8];
  for (int i = 0; i < 8; i++) a[i] = y[i] * (threadIdx.x + 1);
  const float* p = k > 3 ? a + 1 : y + 3;
  y[8 + threadIdx.x] = a[(threadIdx.x + k) & 7] + *p;
}

struct Parameters {
  int n;
  float a[5];
  const float* p;
};

extern "C" __global__ void byValue(Parameters s, float* y, int k) {
  y[threadIdx.x] = s.a[(k + threadIdx.x) % 5] + s.p[threadIdx.x] + s.n;
}

__constant__ float table[4] = {1.5f, 2.5f, 3.5f, 4.5f};
__device__ int blocksDone;

extern "C" __global__ void lastBlock(float* y, int k) {
  y[INDEX] = table[(k + threadIdx.x) & 3];
  __threadfence();
  if (threadIdx.x == 0 && atomicAdd(&blocksDone, 1) == gridDim.x - 1) {
    y[gridDim.x * blockDim.x] = blocksDone;
    blocksDone = 0;
  }
}

// --- threads that work together

extern "C" __global__ void shuffles(const int* x, int* y) {
  int t = threadIdx.x, v = x[t];
  y[t] = __shfl_down_sync(~0u, v, 3);
  y[32 + t] = __shfl_up_sync(~0u, v, 2, 16);
  y[64 + t] = __shfl_xor_sync(~0u, v, 5);
  y[96 + t] = __shfl_sync(~0u, v, 6, 8);
  y[128 + t] = __ballot_sync(~0u, v > 10);
  y[160 + t] = __any_sync(~0u, v > 31) + 2 * __all_sync(~0u, v > -1);
  y[192 + t] = __match_any_sync(~0u, v / 4);
  int same;
  y[224 + t] = __match_all_sync(~0u, v / 32, &same) + same;
  if (t % 2 == 0) y[256 + t] = __shfl_down_sync(0x55555555u, v, 2) + __popc(__activemask());
  else y[256 + t] = __shfl_xor_sync(0xaaaaaaaau, v, 2);
}

extern "C" __global__ void blockSum(const float* x, float* y) {
  __shared__ float part[32];
  int t = threadIdx.x;
  float v = x[INDEX];
  for (int k = 16; k > 0; k /= 2) v += __shfl_xor_sync(~0u, v, k);
  if (t % 32 == 0) part[t / 32] = v;
  __syncthreads();
  if (t < 32) {
    v = t < blockDim.x / 32 ? part[t] : 0;
    for (int k = 16; k > 0; k /= 2) v += __shfl_xor_sync(~0u, v, k);
    if (t == 0) y[blockIdx.x] = v;
  }
}

extern "C" __global__ void transposed(const float* x, float* y, int n) {
  extern __shared__ float tile[];
  int i = threadIdx.y, j = threadIdx.x;
  tile[i * (blockDim.x + 1) + j] = x[i * n + j];
  __syncthreads();
  y[i * n + j] = tile[j * (blockDim.x + 1) + i];
}

extern "C" __global__ void barrierCounts(const int* x, int* y) {
  int v = x[threadIdx.x];
  int n = __syncthreads_count(v > 0);
  int any = __syncthreads_or(v > 99), all = __syncthreads_and(v > -1);
  y[threadIdx.x] = n * 4 + (any != 0) * 2 + (all != 0);
}

extern "C" __global__ void atomics(int* y, float* f, double* d, unsigned long long* u) {
  __shared__ int count;
  int t = threadIdx.x;
  if (t == 0) count = 0;
  __syncthreads();
  atomicAdd(&count, t);
  __syncthreads();
  if (t == 0) y[0] = count;
  atomicMax(y + 1, t);
  atomicMin(y + 2, -t);
  atomicAnd(y + 3, ~(1 << (t & 31)));
  atomicOr(y + 4, 1 << (t & 31));
  atomicXor(y + 5, t);
  atomicInc((unsigned*)y + 6, 4);
  atomicDec((unsigned*)y + 7, 9);
  atomicCAS(y + 8, t, t + 1);
  y[16 + t] = atomicExch(y + 9, t);
  atomicAdd(f, 0.5f);
  atomicAdd(d, (double)t);
  atomicAdd(u, 1ull << 33);
  atomicMax((int*)y + 10, -5);
  atomicMax((unsigned*)y + 11, 0xfffffff0u);
}

// --- memory of all widths

extern "C" __global__ void widths(const char* x, char* y) {
  int t = threadIdx.x;
  ((float4*)y)[t] = ((const float4*)x)[t];
  ((float2*)(y + 512))[t] = ((const float2*)x)[t];
  ((short*)(y + 1024))[t] = ((const short*)x)[t] * 3;
  ((unsigned short*)(y + 1280))[t] = ((const unsigned short*)x)[t] / 3;
  (y + 1536)[t] = (signed char)x[t] / 2;
  ((unsigned char*)(y + 1792))[t] = ((const unsigned char*)x)[t] / 2;
  ((long long*)(y + 2048))[t] = (signed char)x[t];
  ((double*)(y + 2560))[t] = ((const long long*)x)[t];
}

// --- what a kernel may not do

extern "C" __global__ void outOfBounds(float* x, int n) { x[INDEX + n] = 1; }

extern "C" __global__ void misaligned(char* x) { *(float*)(x + 4 * threadIdx.x + 2) = 1; }

extern "C" __global__ void sharedOutOfBounds(float* y, int k) {
  extern __shared__ float tile[];
  tile[threadIdx.x + k] = 1;
  y[threadIdx.x] = tile[threadIdx.x];
}

extern "C" __global__ void readsUnwritten(const float* x, float* y) { y[threadIdx.x] = x[threadIdx.x]; }

extern "C" __global__ void races(float* y) {
  __shared__ float tile[64];
  tile[threadIdx.x] = threadIdx.x;
  y[threadIdx.x] = tile[63 - threadIdx.x];
}

extern "C" __global__ void divergedBarrier(int* y, int limit) {
  if (threadIdx.x < limit) {
    asm volatile("bar.sync 0;");
    y[threadIdx.x] = 1;
  } else {
    asm volatile("bar.sync 1;");
    y[threadIdx.x] = 2;
  }
}

extern "C" __global__ void maskWithoutCaller(int* y) {
  y[threadIdx.x] = __shfl_sync(0xffffu, (int)threadIdx.x, 0);
}

extern "C" __global__ void trapped(int* y, int k) {
  if (threadIdx.x == k) asm volatile("trap;");
  y[threadIdx.x] = k;
}

extern "C" __global__ void asserted(int* y, int k) {
  assert(y[threadIdx.x] < k);
  y[threadIdx.x] = k;
}
