// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.BinaryKernel;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.GeluKernel;
import io.sparkgrad.backend.UnaryKernel;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import java.util.Locale;

/** Functions of each element. */
final class Elementwise {
  private static final String FILE = "elementwise.sm75";

  private final Kernels kernels;

  Elementwise(Kernels kernels) {
    this.kernels = kernels;
  }

  void unary(UnaryKernel kernel, double p, Buffer x, Buffer y) {
    unary(name(kernel), p, x, y);
  }

  void gelu(GeluKernel kernel, Buffer x, Buffer y) {
    unary("gelu_" + name(kernel), 0, x, y);
  }

  private void unary(String name, double p, Buffer x, Buffer y) {
    if (y.length() > 0) {
      call(x).read(x).overwrite(y).longs(y.length()).numbers(p).run("unary_" + name, packs(y));
    }
  }

  void binary(
      BinaryKernel kernel, Buffer a, Shape aShape, Buffer b, Shape bShape, Buffer y, Shape yShape) {
    if (y.length() == 0) {
      return;
    }
    StridedRegion region =
        new StridedRegion(
            yShape, Broadcasting.strides(aShape, yShape), Broadcasting.strides(bShape, yShape));
    int pack = pack(y);
    boolean packed = region.rank() == 1 || region.innerSize() % pack == 0;
    int unit = packed ? pack : 1;
    long done = 0;
    for (StridedRegion.Piece piece : region.grouped(unit).pieces()) {
      long end = done + (long) unit * piece.count();
      // The last pack of a single axis may not be whole.
      end = y.length() - end < unit ? y.length() : end;
      KernelCall call = call(a).read(a, piece.first()).read(b, piece.second()).overwrite(y, done);
      piece
          .appendTo(call)
          .integers((int) (end - done))
          .flag(packed)
          .run("binary_" + name(kernel), ceiling(end - done, pack));
      done = end;
    }
  }

  void reluGradient(Buffer y, Buffer g, Buffer gx) {
    ofTwo("relu_gradient", y, g, gx);
  }

  void geluGradient(GeluKernel kernel, Buffer x, Buffer yGradient, Buffer xGradient) {
    ofTwo("gelu_" + name(kernel) + "_gradient", x, yGradient, xGradient);
  }

  private void ofTwo(String entry, Buffer a, Buffer b, Buffer y) {
    if (y.length() > 0) {
      call(a).read(a).read(b).overwrite(y).longs(y.length()).run(entry, packs(y));
    }
  }

  void axpy(double alpha, Buffer x, Buffer y) {
    if (y.length() > 0) {
      call(x).read(x).read(y).longs(y.length()).numbers(alpha).run("axpy", packs(y));
    }
  }

  private KernelCall call(Buffer like) {
    return new KernelCall(kernels, FILE, like.dtype());
  }

  /** A thread for each 16 bytes. */
  private static long packs(Buffer buffer) {
    return ceiling(buffer.length(), pack(buffer));
  }

  private static int pack(Buffer buffer) {
    return 16 / buffer.dtype().bytes();
  }

  private static long ceiling(long a, int b) {
    return (a + b - 1) / b;
  }

  private static String name(Enum<?> kernel) {
    return kernel.name().toLowerCase(Locale.ROOT);
  }
}
