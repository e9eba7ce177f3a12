// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Weight gradients of convolutions with more weights than pixels, as the last ones of a ResNet have
 * on small images. oneDNN's own kernel goes through all weights for every image, megabytes each
 * time; here the input is unfolded ({@code im2col}) and a product writes each weight once. Operands
 * stand in blocks of channels, the result as oneDNN wants weights: for each block of outputs a
 * matrix {@code [in/b, kh, kw, b] × b}.
 */
final class UnfoldedWeightGradients {
  /** With more results per channel oneDNN's kernel is as fast. */
  private static final long MOST_PIXELS = 128;

  /** With fewer weights they stay in the cache. */
  private static final long LEAST_WEIGHTS = 1 << 18;

  private final Products products;
  private final ConcurrentHashMap<Key, Plan> plans = new ConcurrentHashMap<>();

  UnfoldedWeightGradients(Products products) {
    this.products = products;
  }

  /** The block is that of the channels. */
  private record Key(Conv2dGeometry geometry, int block) {}

  /**
   * A strided copy.
   *
   * @param from in floats, from the start of the source
   * @param to in floats, from the start of the target
   */
  private record Copy(Primitive primitive, long from, long to) {
    void run(long source, long target) {
      primitive.run(source + Float.BYTES * from, target + Float.BYTES * to);
    }
  }

  /**
   * How to compute one.
   *
   * @param taps copies of the input, one for each place in the kernel that meets any of it
   * @param outputs puts the pixels of a block of output channels together
   */
  private record Plan(List<Copy> taps, Copy outputs, MatmulGeometry product) {}

  /**
   * The size of the blocks of channels in which the operands stand.
   *
   * @return 0 if this is no case for here
   */
  static int block(Conv2dGeometry g, Format x, Format yGradient, Format weightGradient) {
    long pixels = (long) g.n() * g.outHeight() * g.outWidth();
    long weights = (long) g.outChannels() * g.inChannels() * g.kernelHeight() * g.kernelWidth();
    if (g.groups() > 1 || pixels > MOST_PIXELS || weights < LEAST_WEIGHTS) {
      return 0;
    }
    if (x.is(dnnl.dnnl_nChw16c)
        && yGradient.is(dnnl.dnnl_nChw16c)
        && weightGradient.is(dnnl.dnnl_OIhw16i16o)) {
      return 16;
    }
    boolean eights =
        x.is(dnnl.dnnl_nChw8c)
            && yGradient.is(dnnl.dnnl_nChw8c)
            && weightGradient.is(dnnl.dnnl_OIhw8i8o);
    return eights ? 8 : 0;
  }

  /**
   * Computes one, of operands without padding.
   *
   * @param block as {@link #block} says
   * @param biasGradient 0 if it is not wanted
   */
  void run(
      Operands o,
      Conv2dGeometry g,
      int block,
      long x,
      long yGradient,
      long weightGradient,
      long biasGradient) {
    Plan plan = plans.computeIfAbsent(new Key(g, block), UnfoldedWeightGradients::plan);
    MatmulGeometry p = plan.product;
    long unfoldedBytes = (long) Float.BYTES * p.k() * p.m();
    long unfolded = o.scratch(unfoldedBytes);
    RawMemory.zero(unfolded, unfoldedBytes);
    plan.taps.forEach(tap -> tap.run(x, unfolded));
    long outputs = o.scratch((long) Float.BYTES * p.batch() * p.k() * p.n());
    plan.outputs.run(yGradient, outputs);
    products.batch(p, unfolded, outputs, weightGradient);
    if (biasGradient != 0) {
      float[] ones = new float[p.k()];
      Arrays.fill(ones, 1);
      long row = o.scratch((long) Float.BYTES * ones.length);
      RawMemory.write(ones, 0, row, ones.length);
      products.batch(
          new MatmulGeometry(p.batch(), 1, p.n(), p.k(), false, false, true, false),
          row,
          outputs,
          biasGradient);
    }
  }

  private static Plan plan(Key key) {
    Conv2dGeometry g = key.geometry;
    long block = key.block;
    long image = (long) g.outHeight() * g.outWidth();
    long pixels = g.n() * image;
    long blocks = g.outChannels() / block;
    int features = g.inChannels() * g.kernelHeight() * g.kernelWidth();
    List<Copy> taps = new ArrayList<>();
    for (int row = 0; row < g.kernelHeight(); row++) {
      for (int column = 0; column < g.kernelWidth(); column++) {
        addTap(taps, key, row, column);
      }
    }
    Copy outputs =
        copy(
            new long[] {blocks, g.n(), image * block},
            new long[] {image * block, blocks * image * block, 1},
            0,
            new long[] {pixels * block, image * block, 1},
            0);
    MatmulGeometry product =
        new MatmulGeometry(
            Math.toIntExact(blocks),
            features,
            key.block,
            Math.toIntExact(pixels),
            true,
            false,
            true,
            false);
    return new Plan(taps, outputs, product);
  }

  /**
   * Copies what this place of the kernel sees into the unfolded {@code [n, oh, ow, in/b, kh, kw,
   * b]}.
   */
  private static void addTap(List<Copy> taps, Key key, int row, int column) {
    Conv2dGeometry g = key.geometry;
    Range rows =
        Range.of(
            row * g.dilationHeight() - g.padHeight(), g.strideHeight(), g.height(), g.outHeight());
    Range columns =
        Range.of(
            column * g.dilationWidth() - g.padWidth(), g.strideWidth(), g.width(), g.outWidth());
    if (rows.count <= 0 || columns.count <= 0) {
      return;
    }
    long b = key.block;
    long taken = (long) g.kernelHeight() * g.kernelWidth() * b;
    long features = (long) g.inChannels() * g.kernelHeight() * g.kernelWidth();
    long line = (long) g.width() * b;
    long[] sizes = {g.n(), g.inChannels() / b, rows.count, columns.count, b};
    long[] from = {
      (long) g.inChannels() * g.height() * g.width(),
      g.height() * line,
      g.strideHeight() * line,
      g.strideWidth() * b,
      1
    };
    long[] to = {
      (long) g.outHeight() * g.outWidth() * features,
      taken,
      (long) g.outWidth() * features,
      features,
      1
    };
    long start = rows.input * line + columns.input * b;
    long target =
        (rows.first * (long) g.outWidth() + columns.first) * features
            + ((long) row * g.kernelWidth() + column) * b;
    taps.add(copy(sizes, from, start, to, target));
  }

  /**
   * The outputs along an axis that see the input through one place of the kernel.
   *
   * @param first of them
   * @param input what the first one sees
   */
  private record Range(int first, int count, int input) {
    static Range of(int offset, int stride, int size, int outputs) {
      int first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
      int end = Math.min(outputs, Math.floorDiv(size - 1 - offset, stride) + 1);
      return new Range(first, end - first, first * stride + offset);
    }
  }

  private static Copy copy(long[] sizes, long[] from, long start, long[] to, long target) {
    Primitive primitive =
        Reorders.create(Format.ofStrides(sizes, from), Format.ofStrides(sizes, to));
    return new Copy(primitive, start, target);
  }
}
