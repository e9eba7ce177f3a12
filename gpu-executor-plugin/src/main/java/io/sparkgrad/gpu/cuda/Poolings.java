// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.Pool2dGeometry;
import org.jspecify.annotations.Nullable;

/**
 * Maxima and means of windows, and their gradients.
 *
 * <p>The place of a maximum is its number within the window, one byte where that suffices: an INT64
 * buffer of an eighth or half as many elements as there are results holds them.
 */
final class Poolings {
  private static final String FILE = "pooling.sm75";

  /** A warp for each window pays from here on. */
  private static final int WIDE = 32;

  private final Kernels kernels;

  Poolings(Kernels kernels) {
    this.kernels = kernels;
  }

  @Nullable Buffer maxPool2d(Pool2dGeometry geometry, Buffer x, Buffer y, boolean places) {
    int outputs = outputs("max_pool2d", geometry);
    Buffer noted = places ? x.backend().allocate(DType.INT64, words(geometry, outputs)) : null;
    if (outputs > 0) {
      var call = call(x.dtype()).read(x).overwrite(y).overwrite(noted).integers(outputs);
      if (isQuarters(geometry)) {
        call.integers(geometry.outWidth()).run("max_pool2d_2x2", outputs);
      } else {
        String kind = isSquare(geometry, 3, 2) ? "3x3" : placeType(geometry);
        windows(call, geometry).run("max_pool2d_" + kind, outputs);
      }
    }
    return noted;
  }

  void maxPool2dGradient(
      Pool2dGeometry geometry, Buffer places, Buffer yGradient, Buffer xGradient) {
    int inputs = inputs("max_pool2d gradient", geometry);
    if (inputs == 0) {
      return;
    }
    var call = call(yGradient.dtype()).read(places).read(yGradient).overwrite(xGradient);
    if (isQuarters(geometry)) {
      int outputs = outputs("max_pool2d gradient", geometry);
      call.integers(outputs, geometry.outWidth()).run("max_pool2d_gradient_2x2", outputs);
    } else {
      windows(call.integers(inputs), geometry)
          .run("max_pool2d_gradient_" + placeType(geometry), inputs);
    }
  }

  void maxPool2dIndices(Pool2dGeometry geometry, Buffer places, Buffer indices) {
    int outputs = outputs("max_pool2d indices", geometry);
    if (outputs > 0) {
      var call = new KernelCall(kernels, FILE, DType.INT64).read(places).overwrite(indices);
      windows(call.integers(outputs), geometry)
          .run("max_pool2d_indices_" + placeType(geometry), outputs);
    }
  }

  void avgPool2d(Pool2dGeometry geometry, boolean countIncludePad, Buffer x, Buffer y) {
    int outputs = outputs("avg_pool2d", geometry);
    if (outputs > 0) {
      var call = call(x.dtype()).read(x).overwrite(y).integers(outputs).flag(countIncludePad);
      boolean wide = geometry.kernelHeight() * geometry.kernelWidth() >= WIDE;
      windows(call, geometry)
          .run(wide ? "avg_pool2d_wide" : "avg_pool2d", wide ? 32L * outputs : outputs);
    }
  }

  void avgPool2dGradient(
      Pool2dGeometry geometry, boolean countIncludePad, Buffer yGradient, Buffer xGradient) {
    int inputs = inputs("avg_pool2d gradient", geometry);
    if (inputs > 0) {
      var call = call(yGradient.dtype()).read(yGradient).overwrite(xGradient);
      windows(call.integers(inputs).flag(countIncludePad), geometry)
          .run("avg_pool2d_gradient", inputs);
    }
  }

  private KernelCall call(DType dtype) {
    return new KernelCall(kernels, FILE, dtype);
  }

  private static KernelCall windows(KernelCall call, Pool2dGeometry g) {
    return call.integers(
        g.height(),
        g.width(),
        g.outHeight(),
        g.outWidth(),
        g.kernelHeight(),
        g.kernelWidth(),
        g.strideHeight(),
        g.strideWidth(),
        g.padHeight(),
        g.padWidth());
  }

  private static int inputs(String operation, Pool2dGeometry g) {
    return ElementCount.of(operation, (long) g.n() * g.channels() * g.height() * g.width());
  }

  private static int outputs(String operation, Pool2dGeometry g) {
    return ElementCount.of(operation, (long) g.n() * g.channels() * g.outHeight() * g.outWidth());
  }

  private static boolean isByte(Pool2dGeometry g) {
    return g.kernelHeight() * g.kernelWidth() <= 256;
  }

  private static String placeType(Pool2dGeometry g) {
    return isByte(g) ? "u8" : "i32";
  }

  private static long words(Pool2dGeometry g, int outputs) {
    int perWord = isByte(g) ? 8 : 2;
    return (outputs + perWord - 1L) / perWord;
  }

  private static boolean isSquare(Pool2dGeometry g, int kernel, int stride) {
    return g.kernelHeight() == kernel
        && g.kernelWidth() == kernel
        && g.strideHeight() == stride
        && g.strideWidth() == stride;
  }

  /** Whether each window is two by two elements that no other has, and each element has one. */
  private static boolean isQuarters(Pool2dGeometry g) {
    return isSquare(g, 2, 2)
        && g.padHeight() == 0
        && g.padWidth() == 0
        && g.height() == 2 * g.outHeight()
        && g.width() == 2 * g.outWidth();
  }
}
