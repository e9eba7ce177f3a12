// SPDX-License-Identifier: Apache-2.0
// Matrix products without tensor cores, in FP32 and FP64.
#include "gemm.cuh"

namespace {

using Large = Tile<Exact<float>, 64, 128, 16>;
using Small = Tile<Exact<float>, 64, 64, 16>;
using Double = Tile<Exact<double>, 64, 64, 16>;

}  // namespace

GEMM(gemm_64x128, f32, float, Large, Threads)
GEMM(gemm_64x64, f32, float, Small, Threads)
GEMM(gemm_64x64, f64, double, Double, Threads)
