// SPDX-License-Identifier: Apache-2.0
// Matrix products without tensor cores, in FP32 and FP64.
#include "gemm.cuh"
#include "slices.cuh"

namespace {

// Four by eight sums for each thread: 105 registers, 26 KB per block, so that two blocks share a multiprocessor of a T4 as
// of an H100 (16 warps). Eight by eight would read a third less from the L2 cache, but what is under way with them spills
// at the 128 registers of two blocks; a warp reads three runs of shared memory for 32 multiply-adds, which is not the limit.
using Large = Tile<Exact<float>, 64, 128, 16>;
using Small = Tile<Exact<float>, 64, 64, 16>;
using FewRows = Tile<Exact<float>, 32, 64, 32>;
using Double = Tile<Exact<double>, 64, 64, 16>;

}  // namespace

GEMM(gemm_64x128, f32, float, Large, Threads)
GEMM(gemm_64x64, f32, float, Small, Threads)
GEMM(gemm_32x64, f32, float, FewRows, Slices)
GEMM(gemm_64x64, f64, double, Double, Threads)
