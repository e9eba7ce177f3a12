// SPDX-License-Identifier: Apache-2.0
// Convolutions on tensor cores.
#include "convolution.cuh"
#include "tensor_cores.cuh"
#include "weight_gradient.cuh"

namespace {

// Short steps for the large tile: addresses take the registers that a longer one would have under way.
using LargeTf32 = Tile<Tf32, 128, 128, 8>;
using LargeBf16 = Tile<Bf16, 128, 128, 8>;
using SmallTf32 = Tile<Tf32, 64, 64, 16>;
using SmallBf16 = Tile<Bf16, 64, 64, 16>;

}  // namespace

CONVOLUTION(128x128, tf32_f32, float, LargeTf32, Warps)
CONVOLUTION(64x64, tf32_f32, float, SmallTf32, Warps)
CONVOLUTION(128x128, bf16_f32, float, LargeBf16, Warps)
CONVOLUTION(64x64, bf16_f32, float, SmallBf16, Warps)
WEIGHT_GRADIENT(128x128, tf32_f32, float, LargeTf32, Warps)
WEIGHT_GRADIENT(64x64, tf32_f32, float, SmallTf32, Warps)
WEIGHT_GRADIENT(128x128, bf16_f32, float, LargeBf16, Warps)
WEIGHT_GRADIENT(64x64, bf16_f32, float, SmallBf16, Warps)
