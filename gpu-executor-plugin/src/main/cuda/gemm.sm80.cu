// SPDX-License-Identifier: Apache-2.0
// Matrix products on tensor cores.
#include "gemm.cuh"
#include "tensor_cores.cuh"

namespace {

// 128 registers for each thread, so that two blocks share a multiprocessor and one computes while the other waits: bf16
// takes steps of 16, since what is under way for a longer one has no registers left.
using LargeTf32 = Tile<Tf32, 128, 128, 16>;
using LargeBf16 = Tile<Bf16, 128, 128, 8>;
using SmallTf32 = Tile<Tf32, 64, 64, 16>;
using SmallBf16 = Tile<Bf16, 64, 64, 16>;

}  // namespace

GEMM(gemm_128x128, tf32_f32, float, LargeTf32, Warps)
GEMM(gemm_64x64, tf32_f32, float, SmallTf32, Warps)
GEMM(gemm_128x128, bf16_f32, float, LargeBf16, Warps)
GEMM(gemm_64x64, bf16_f32, float, SmallBf16, Warps)
