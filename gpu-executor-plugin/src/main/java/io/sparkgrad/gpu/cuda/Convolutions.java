// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.Epilogue;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions and their gradients: as products of what kernels gather from images; directly where
 * each group has one input channel; and where a pixel is made of one pixel, as matrix products.
 */
final class Convolutions {
  /** Blocks that fill a large GPU several times over. */
  private static final int BLOCKS = 1024;

  /** Results below which one more block is not worth adding its sum. */
  private static final int SHORTEST = 4096;

  /** Rows of a product up to which there are kernels without tiles of 64, for FP32. */
  private static final int FEW_CHANNELS = 32;

  /** As {@code BLOCK} in these kernels. */
  private static final int THREADS_OF_FEW = 128;

  /** Of a block; each thread has two. */
  private static final int PIXELS_OF_FEW = 2 * THREADS_OF_FEW;

  private final Kernels kernels;
  private final DeviceMemory memory;
  private final Products products;

  Convolutions(Kernels kernels, DeviceMemory memory, Products products) {
    this.kernels = kernels;
    this.memory = memory;
    this.products = products;
  }

  void conv2d(
      Conv2dGeometry g,
      Buffer x,
      Buffer weight,
      @Nullable Buffer bias,
      Epilogue epilogue,
      Buffer y) {
    if (y.length() == 0) {
      return;
    }
    Finish finish = new Finish(bias, epilogue, plane(g), g.outChannels());
    if (isMatrixProduct(g)) {
      var product =
          new MatmulGeometry(
              g.n(), g.outChannels(), plane(g), g.inChannels(), false, false, true, false);
      products.product(product, weight, x, finish, y);
    } else if (isDepthwise(g)) {
      KernelCall call = depthwise(x).read(x).read(weight).overwrite(y);
      sizes(finish.addTo(call), g, 0, y).run("depthwise_conv2d", y.length());
    } else {
      int taps = g.inChannelsPerGroup() * g.kernelHeight() * g.kernelWidth();
      var sizes = new Sizes(g.outChannelsPerGroup(), pixels(g), taps, 1);
      patches("conv2d", g, sizes, List.of(x, weight), finish, y);
    }
  }

  void conv2dInputGradient(Conv2dGeometry g, Buffer yGradient, Buffer weight, Buffer xGradient) {
    if (xGradient.length() == 0) {
      return;
    }
    if (isMatrixProduct(g)) {
      var product =
          new MatmulGeometry(
              g.n(), g.inChannels(), plane(g), g.outChannels(), true, false, true, false);
      products.product(product, weight, yGradient, Finish.NONE, xGradient);
    } else if (isDepthwise(g)) {
      KernelCall call = depthwise(yGradient).read(yGradient).read(weight).overwrite(xGradient);
      sizes(call, g, 0, xGradient).run("depthwise_conv2d_input_gradient", xGradient.length());
    } else {
      // Of the largest class of pixels that the same taps reach.
      int pixels =
          ElementCount.of(
              "conv2d input gradient",
              (long) g.n()
                  * Tiling.ceiling(g.height(), g.strideHeight())
                  * Tiling.ceiling(g.width(), g.strideWidth()));
      int taps =
          taps(g.kernelHeight(), g.strideHeight(), g.dilationHeight())
              * taps(g.kernelWidth(), g.strideWidth(), g.dilationWidth());
      int classes = g.strideHeight() * g.strideWidth();
      var sizes =
          new Sizes(g.inChannelsPerGroup(), pixels, g.outChannelsPerGroup() * taps, classes);
      patches("conv2d_input_gradient", g, sizes, List.of(yGradient, weight), null, xGradient);
    }
  }

  /** The most taps that reach one pixel. */
  private static int taps(int kernel, int stride, int dilation) {
    int step = 1;
    while ((long) step * dilation % stride != 0) {
      step++;
    }
    return Tiling.ceiling(kernel, step);
  }

  void conv2dWeightGradient(
      Conv2dGeometry g,
      Buffer x,
      Buffer yGradient,
      Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    if (biasGradient != null && biasGradient.length() > 0) {
      biasGradient(g, yGradient, biasGradient);
    }
    if (weightGradient.length() == 0) {
      return;
    }
    int pixels = pixels(g);
    if (isDepthwise(g)) {
      int splits = splits(ElementCount.of("conv2d", weightGradient.length()), pixels, pixels);
      int perSplit = Math.max(1, Tiling.ceiling(pixels, splits));
      try (SplitSums sums = new SplitSums(kernels, memory, weightGradient, splits)) {
        KernelCall call = sums.addTo(depthwise(x).read(x).read(yGradient));
        sizes(call, g, perSplit, weightGradient)
            .run("depthwise_conv2d_weight_gradient", Dim3.of(sums.total(), splits));
        sums.add(Finish.NONE);
      }
    } else {
      int columns = g.inChannelsPerGroup() * g.kernelHeight() * g.kernelWidth();
      var sizes = new Sizes(g.outChannelsPerGroup(), columns, pixels, 1);
      Tiling tiling =
          Tiling.ofFewRowsToo(
              arithmetic(weightGradient),
              multiprocessors(),
              g.groups(),
              sizes.m(),
              sizes.n(),
              sizes.k());
      product("conv2d_weight_gradient", g, 1, tiling, List.of(x, yGradient), null, weightGradient);
    }
  }

  private void biasGradient(Conv2dGeometry g, Buffer yGradient, Buffer biasGradient) {
    int splits = splits(g.outChannels(), pixels(g), g.n());
    int imagesPerSplit = Math.max(1, Tiling.ceiling(g.n(), splits));
    splits = Math.max(1, Tiling.ceiling(g.n(), imagesPerSplit));
    try (SplitSums sums = new SplitSums(kernels, memory, biasGradient, splits)) {
      KernelCall call =
          new KernelCall(kernels, "convolution.sm75", yGradient.dtype()).read(yGradient);
      sums.addTo(call)
          .integers(g.n(), g.outChannels(), plane(g), imagesPerSplit)
          .run("conv2d_bias_gradient", Dim3.of(g.outChannels(), splits));
      sums.add(Finish.NONE);
    }
  }

  /**
   * Into how many parts, at most {@code most}, each of {@code sums} sums of {@code length} goes.
   */
  private static int splits(int sums, int length, int most) {
    int splits = Math.min(Tiling.ceiling(BLOCKS, sums), Tiling.ceiling(length, SHORTEST));
    return Math.max(1, Math.min(splits, most));
  }

  /** A product {@code [m, k]·[k, n]} for each class of pixels of each group. */
  private record Sizes(int m, int n, int k, int classes) {}

  private Arithmetic arithmetic(Buffer result) {
    return Arithmetic.of(result.dtype(), kernels.driver().device().computeCapability());
  }

  private int multiprocessors() {
    return kernels.driver().device().multiprocessors();
  }

  private Tiling tiling(Conv2dGeometry g, Sizes sizes, Buffer result) {
    int products = Math.multiplyExact(g.groups(), sizes.classes());
    return Tiling.of(
        arithmetic(result), multiprocessors(), products, sizes.m(), sizes.n(), sizes.k());
  }

  /**
   * All products of weights and patches: by tiles or, of few rows, by threads that have all of them
   * where there are pixels for enough threads.
   *
   * @param operands two, in the kernel's order
   * @param finish null where the kernel knows of none
   */
  private void patches(
      String kernel,
      Conv2dGeometry g,
      Sizes sizes,
      List<Buffer> operands,
      @Nullable Finish finish,
      Buffer c) {
    int products = Math.multiplyExact(g.groups(), sizes.classes());
    int blocks = Tiling.ceiling(sizes.n(), PIXELS_OF_FEW);
    boolean few =
        arithmetic(c) == Arithmetic.FP32
            && sizes.m() <= FEW_CHANNELS
            && 2L * blocks * products >= multiprocessors();
    if (!few) {
      product(kernel, g, sizes.classes(), tiling(g, sizes, c), operands, finish, c);
      return;
    }
    KernelCall call = new KernelCall(kernels, "few_channels.sm75", c.dtype());
    operands.forEach(call::read);
    call.overwrite(c);
    if (finish != null) {
      finish.addTo(call);
    }
    sizes(call, g, 0, c)
        .run(
            kernel + (sizes.m() <= FEW_CHANNELS / 2 ? "_few_16" : "_few_32"),
            new Dim3(blocks, 1, products),
            THREADS_OF_FEW);
  }

  /** All products of a convolution, by tiles. */
  private void product(
      String kernel,
      Conv2dGeometry g,
      int classes,
      Tiling tiling,
      List<Buffer> operands,
      @Nullable Finish finish,
      Buffer c) {
    Arithmetic arithmetic = arithmetic(c);
    int products = Math.multiplyExact(g.groups(), classes);
    try (SplitSums sums = new SplitSums(kernels, memory, c, tiling.splits())) {
      KernelCall call = new KernelCall(kernels, arithmetic.file("convolution"), c.dtype());
      operands.forEach(call::read);
      sums.addTo(call);
      if (finish != null) {
        sums.first(finish).addTo(call);
      }
      sizes(call, g, tiling.kPerSplit(), c)
          .run(arithmetic.entry(kernel + "_" + tiling.name()), tiling.gridOfGroups(products));
      sums.add(finish == null ? Finish.NONE : finish);
    }
  }

  private KernelCall depthwise(Buffer like) {
    return new KernelCall(kernels, "depthwise.sm75", like.dtype());
  }

  private static KernelCall sizes(KernelCall call, Conv2dGeometry g, int kPerSplit, Buffer result) {
    return call.integers(g.n(), g.inChannels(), g.height(), g.width())
        .integers(g.outChannels(), g.kernelHeight(), g.kernelWidth())
        .integers(g.strideHeight(), g.strideWidth(), g.padHeight(), g.padWidth())
        .integers(g.dilationHeight(), g.dilationWidth(), g.groups())
        .integers(g.outHeight(), g.outWidth())
        .integers(kPerSplit, ElementCount.of("conv2d", result.length()));
  }

  /** Pixels of all output images. */
  private static int pixels(Conv2dGeometry g) {
    return ElementCount.of("conv2d", (long) g.n() * plane(g));
  }

  private static int plane(Conv2dGeometry g) {
    return g.outHeight() * g.outWidth();
  }

  private static boolean isDepthwise(Conv2dGeometry g) {
    return g.inChannelsPerGroup() == 1 && g.groups() > 1;
  }

  /** Of one pixel for each pixel, in planes that lose little in tiles of their own. */
  private static boolean isMatrixProduct(Conv2dGeometry g) {
    int plane = plane(g);
    return g.kernelHeight() == 1
        && g.kernelWidth() == 1
        && g.strideHeight() == 1
        && g.strideWidth() == 1
        && g.padHeight() == 0
        && g.padWidth() == 0
        && g.groups() == 1
        && plane % 4 == 0
        && Tiling.ceiling(plane, 64) * 64 <= plane * 5 / 4;
  }
}
