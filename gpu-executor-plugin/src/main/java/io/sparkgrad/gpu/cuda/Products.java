// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.gpu.cuda.driver.Cublas;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Matrix products: by own kernels and, where the driver has it, by cuBLAS. */
final class Products {
  private final Gemm gemm;

  Products(Kernels kernels, DeviceMemory memory, DeviceSettings settings) {
    Gemm own = new KernelGemm(kernels, memory);
    Optional<Cublas> cublas =
        settings.cublas() ? kernels.driver().openCublas(kernels.stream()) : Optional.empty();
    gemm = cublas.<Gemm>map(c -> new CublasGemm(kernels, memory, c, own)).orElse(own);
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
    if (c.length() > 0) {
      gemm.product(g, a, b, finish, c);
    }
  }
}
