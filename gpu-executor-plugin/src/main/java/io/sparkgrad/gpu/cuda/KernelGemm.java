// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.MatmulGeometry;

/** Matrix products by own kernels: by tiles, on tensor cores where the precision allows it. */
final class KernelGemm implements Gemm {
  private final Kernels kernels;
  private final DeviceMemory memory;

  KernelGemm(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  @Override
  public void product(MatmulGeometry g, Buffer a, Buffer b, Finish finish, Buffer c) {
    var device = kernels.driver().device();
    Arithmetic arithmetic = Arithmetic.of(c.dtype(), device.computeCapability());
    Tiling tiling =
        Tiling.ofFewRowsToo(arithmetic, device.multiprocessors(), g.batch(), g.m(), g.n(), g.k());
    try (SplitSums sums = new SplitSums(kernels, memory, c, tiling.splits())) {
      KernelCall call = new KernelCall(kernels, arithmetic.file("gemm"), c.dtype());
      sums.first(finish)
          .addTo(sums.addTo(call.read(a).read(b)))
          .longs(g.repeatA() ? 0 : (long) g.m() * g.k(), g.repeatB() ? 0 : (long) g.k() * g.n())
          .integers(g.batch(), g.m(), g.n(), g.k(), tiling.kPerSplit())
          .flag(finish.inner() > 1)
          .run(arithmetic.entry("gemm_" + tiling.name() + transposes(g)), tiling.grid(g.batch()));
      sums.add(finish);
    }
  }

  private static String transposes(MatmulGeometry g) {
    return (g.transposeA() ? "_t" : "_n") + (g.transposeB() ? "t" : "n");
  }
}
