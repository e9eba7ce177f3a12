// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import org.jspecify.annotations.Nullable;

/** Matrix products. */
final class Products {
  private final Kernels kernels;
  private final DeviceMemory memory;

  Products(Kernels kernels, DeviceMemory memory) {
    this.kernels = kernels;
    this.memory = memory;
  }

  void matmul(MatmulGeometry geometry, Buffer a, Buffer b, Buffer c) {
    product(geometry, a, b, Finish.NONE, c);
  }

  void linear(
      LinearGeometry geometry,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      boolean relu,
      Buffer y) {
    Epilogue epilogue = relu ? Epilogue.RELU : Epilogue.NONE;
    product(geometry.product(), x, weight, new Finish(bias, epilogue, 1, geometry.out()), y);
  }

  /** A product and what is done to it, whose channels are columns if these are neighbours. */
  void product(MatmulGeometry g, Buffer a, Buffer b, Finish finish, Buffer c) {
    if (c.length() == 0) {
      return;
    }
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
