// SPDX-License-Identifier: Apache-2.0
// Enough of libcublas.so.12 to see what JCublas2 passes on: products of column-major matrices, as cuBLAS has them, in the
// host's memory and at once, of operands rounded as the compute type lets them be. Some sizes of k fail.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int Status;
enum { FLOAT = 0, DOUBLE = 1, SUM_FLOAT = 68, SUM_DOUBLE = 70, BY_BF16 = 75, BY_TF32 = 77, DEFAULT_ALGORITHM = -1 };

static FILE* out() {
  static FILE* file;
  if (!file) file = fopen(getenv("FAKE_CUDA_LOG"), "a");
  return file;
}
#define LOG(...) (fprintf(out(), __VA_ARGS__), fflush(out()))

const char* cublasGetStatusString(Status s) { return s == 1 ? "the library was not initialized" : "the function failed to launch on the GPU"; }
Status cublasCreate_v2(void** h) { static int made; *h = (void*)0x77L; return made++ ? 1 : 0; }
Status cublasDestroy_v2(void* h) { LOG("cublas destroy %lx\n", (long)h); return 0; }
Status cublasGetVersion_v2(void* h, int* v) { *v = 120604; return 0; }
Status cublasSetStream_v2(void* h, void* s) { LOG("cublas %lx in stream %ld\n", (long)h, (long)s); return 0; }
Status cublasSetWorkspace_v2(void* h, void* p, size_t n) {
  LOG("cublas workspace %zu\n", n);
  memset(p, 1, n);
  return 0;
}

static double at(const void* p, int type, long long i) { return type == DOUBLE ? ((double*)p)[i] : ((float*)p)[i]; }

// To so many bits of mantissa, the leading one included.
static double keep(double x, int bits) {
  int exponent;
  double m = frexp(x, &exponent);
  return ldexp(nearbyint(ldexp(m, bits)), exponent - bits);
}
static double operand(const void* p, int type, long long i, int compute) {
  double x = at(p, type, i);
  return compute == BY_BF16 ? keep(x, 8) : compute == BY_TF32 ? keep(x, 11) : x;
}

static Status gemm(int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at_, int lda, long long sa, const void* b, int bt,
    int ldb, long long sb, const void* beta, void* c, int ct, int ldc, long long sc, int batch, int compute, int algorithm) {
  if (k == 3) return 3;
  if (k == 13) return 13;
  if (k == 700) { putenv("FAKE_CUDA_STATUS=700"); return 13; }
  int type = compute == SUM_DOUBLE ? DOUBLE : FLOAT;
  if (at_ != type || bt != type || ct != type || algorithm != DEFAULT_ALGORITHM) return 15;
  if (compute != SUM_DOUBLE && compute != SUM_FLOAT && compute != BY_BF16 && compute != BY_TF32) return 15;
  if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m || ta > 1 || tb > 1) return 7;
  if (at(alpha, type, 0) != 1 || at(beta, type, 0) != 0) return 7;
  for (int g = 0; g < batch; g++)
    for (int j = 0; j < n; j++)
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int l = 0; l < k; l++)
          sum += operand(a, type, g * sa + (ta ? l + (long long)i * lda : i + (long long)l * lda), compute) *
              operand(b, type, g * sb + (tb ? j + (long long)l * ldb : l + (long long)j * ldb), compute);
        long long to = g * sc + i + (long long)j * ldc;
        if (type == DOUBLE) ((double*)c)[to] = sum; else ((float*)c)[to] = (float)sum;
      }
  return 0;
}
Status cublasGemmEx(void* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at_, int lda, const void* b, int bt, int ldb,
    const void* beta, void* c, int ct, int ldc, int compute, int algorithm) {
  LOG("gemm %d\n", compute);
  return gemm(ta, tb, m, n, k, alpha, a, at_, lda, 0, b, bt, ldb, 0, beta, c, ct, ldc, 0, 1, compute, algorithm);
}
Status cublasGemmStridedBatchedEx(void* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at_, int lda, long long sa,
    const void* b, int bt, int ldb, long long sb, const void* beta, void* c, int ct, int ldc, long long sc, int batch, int compute, int algorithm) {
  LOG("gemm %d batch %d\n", compute, batch);
  return gemm(ta, tb, m, n, k, alpha, a, at_, lda, sa, b, bt, ldb, sb, beta, c, ct, ldc, sc, batch, compute, algorithm);
}
