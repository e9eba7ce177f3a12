// SPDX-License-Identifier: Apache-2.0
// Kernels on tensor cores that the emulator's tests run. Rebuild:
// nvcc -O3 -arch=compute_80 -ptx tensor_probes.cu -o - |
//   sed -e '/^\/\//d' -e 's/^\.version .*/.version 7.0/' > tensor_probes.ptx
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_pipeline.h>
#include <mma.h>
using namespace nvcuda;

// c[16][16] = a[16][8] b[8][16], b column by column.
extern "C" __global__ void wmmaTf32(const float* a, const float* b, float* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 8, wmma::precision::tf32, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 8, wmma::precision::tf32, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 8, float> fc;
  wmma::fill_fragment(fc, 1.f);
  wmma::load_matrix_sync(fa, a, 8);
  wmma::load_matrix_sync(fb, b, 8);
  for (int i = 0; i < fa.num_elements; i++) fa.x[i] = wmma::__float_to_tf32(fa.x[i]);
  for (int i = 0; i < fb.num_elements; i++) fb.x[i] = wmma::__float_to_tf32(fb.x[i]);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}

// c[16][16], column by column, = a[16][16] b[16][16].
template <typename T>
__device__ void wmmaHalves(const T* a, const T* b, float* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, T, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, T, wmma::row_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 0.f);
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 16);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_col_major);
}

extern "C" __global__ void wmmaBf16(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c) {
  wmmaHalves(a, b, c);
}

extern "C" __global__ void wmmaF16(const __half* a, const __half* b, float* c) { wmmaHalves(a, b, c); }

// c[16][8] = a[16][8] b[8][8].
extern "C" __global__ void mmaTf32(const unsigned* a, const unsigned* b, float* c) {
  int g = threadIdx.x / 4, t = threadIdx.x % 4;
  float c0 = 0, c1 = 0, c2 = 0, c3 = 0;
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
               : "+f"(c0), "+f"(c1), "+f"(c2), "+f"(c3)
               : "r"(a[g * 8 + t]), "r"(a[(g + 8) * 8 + t]), "r"(a[g * 8 + t + 4]), "r"(a[(g + 8) * 8 + t + 4]),
                 "r"(b[t * 8 + g]), "r"(b[(t + 4) * 8 + g]));
  c[g * 8 + 2 * t] = c0;
  c[g * 8 + 2 * t + 1] = c1;
  c[(g + 8) * 8 + 2 * t] = c2;
  c[(g + 8) * 8 + 2 * t + 1] = c3;
}

// c[16][8] = a[16][16] b[16][8] through shared memory: cp.async, then ldmatrix as CUTLASS does.
extern "C" __global__ void mmaBf16(const __nv_bfloat16* a, const __nv_bfloat16* b, float* c, int wait) {
  __shared__ __align__(16) __nv_bfloat16 sa[16][16], sb[16][8];
  int l = threadIdx.x;
  __pipeline_memcpy_async(&sa[l / 2][l % 2 * 8], a + l * 8, 16);
  if (l < 16) __pipeline_memcpy_async(&sb[l][0], b + l * 8, 16);
  __pipeline_commit();
  if (wait) __pipeline_wait_prior(0);
  __syncthreads();
  unsigned a0, a1, a2, a3, b0, b1;
  unsigned pa = (unsigned)__cvta_generic_to_shared(&sa[l % 16][l / 16 * 8]);
  unsigned pb = (unsigned)__cvta_generic_to_shared(&sb[l % 16][0]);
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(a0), "=r"(a1), "=r"(a2), "=r"(a3) : "r"(pa));
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];" : "=r"(b0), "=r"(b1) : "r"(pb));
  float c0 = 0, c1 = 0, c2 = 0, c3 = 0;
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
               : "+f"(c0), "+f"(c1), "+f"(c2), "+f"(c3) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  int g = l / 4, t = l % 4;
  c[g * 8 + 2 * t] = c0;
  c[g * 8 + 2 * t + 1] = c1;
  c[(g + 8) * 8 + 2 * t] = c2;
  c[(g + 8) * 8 + 2 * t + 1] = c3;
}

// y[t], y[32 + t]…: halves of both kinds, alone and in pairs.
extern "C" __global__ void halves(const float* x, float* y) {
  int t = threadIdx.x;
  float v = x[t], w = x[(t + 1) % 32];
  y[t] = __bfloat162float(__float2bfloat16(v));
  y[32 + t] = __half2float(__float2half(v));
  y[64 + t] = __bfloat162float(__hfma(__float2bfloat16(v), __float2bfloat16(w), __float2bfloat16(1.f)));
  y[96 + t] = __half2float(__hadd(__float2half(v), __float2half(w)));
  float2 p = __bfloat1622float2(__floats2bfloat162_rn(v, w));
  y[128 + t] = p.x - p.y;
  __half2 q = __hmul2(__floats2half2_rn(v, w), __floats2half2_rn(w, w));
  y[160 + t] = __low2float(q) + __high2float(q);
}

// The first 4·n bytes of y are x's, the rest zeros.
extern "C" __global__ void copiesPart(const float* x, float* y, int n) {
  __shared__ __align__(16) float s[128];
  int left = min(max(n - 4 * (int)threadIdx.x, 0), 4);
  __pipeline_memcpy_async(s + 4 * threadIdx.x, x + 4 * threadIdx.x, 16, 16 - 4 * left);
  __pipeline_commit();
  __pipeline_wait_prior(0);
  __syncthreads();
  for (int i = threadIdx.x; i < 128; i += 32) y[i] = s[i];
}
