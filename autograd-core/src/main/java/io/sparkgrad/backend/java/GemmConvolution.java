// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.java;

import io.sparkgrad.backend.Conv2dGeometry;
import java.util.Arrays;

/**
 * FLOAT32 convolution as matrix products, per image and group: the columns matrix
 * [inPerGroup·kh·kw, oh·ow] holds for each output position the inputs under the kernel. A 1×1
 * kernel of stride 1 needs no such matrix: it is the image itself.
 */
final class GemmConvolution {
  private final Conv2dGeometry c;
  private final int kernel;
  private final int positions;
  private final int depth;
  private final int imageSize;
  private final int groupInputs;
  private final int outPerGroup;
  private final boolean pointwise;
  private final float[] columns;

  GemmConvolution(Conv2dGeometry c) {
    this.c = c;
    this.kernel = c.kernelHeight() * c.kernelWidth();
    this.positions = c.outHeight() * c.outWidth();
    this.depth = c.inChannelsPerGroup() * kernel;
    this.imageSize = c.inChannels() * c.height() * c.width();
    this.groupInputs = c.inChannelsPerGroup() * c.height() * c.width();
    this.outPerGroup = c.outChannelsPerGroup();
    this.pointwise =
        kernel == 1
            && c.strideHeight() == 1
            && c.strideWidth() == 1
            && c.padHeight() == 0
            && c.padWidth() == 0;
    this.columns = pointwise ? new float[0] : new float[depth * positions];
  }

  void forward(float[] x, float[] w, float[] y) {
    GemmShape product = new GemmShape(false, false, outPerGroup, positions, depth);
    forEachGroup(
        (in, weight, out) -> {
          float[] cols = columns(x, in);
          Matmul.GEMM.sgemm(product, w, weight, cols, at(in), false, y, out);
        });
  }

  void inputGradient(float[] gy, float[] w, float[] gx) {
    GemmShape product = new GemmShape(true, false, depth, positions, outPerGroup);
    forEachGroup(
        (in, weight, out) -> {
          float[] cols = pointwise ? gx : columns;
          Matmul.GEMM.sgemm(product, w, weight, gy, out, false, cols, at(in));
          if (!pointwise) {
            addColumns(gx, in);
          }
        });
  }

  void weightGradient(float[] x, float[] gy, float[] gw) {
    GemmShape product = new GemmShape(false, true, outPerGroup, depth, positions);
    Arrays.fill(gw, 0f);
    forEachGroup(
        (in, weight, out) -> {
          float[] cols = columns(x, in);
          Matmul.GEMM.sgemm(product, gy, out, cols, at(in), true, gw, weight);
        });
  }

  private interface GroupWork {
    void run(int inOffset, int weightOffset, int outOffset);
  }

  private void forEachGroup(GroupWork work) {
    for (int n = 0; n < c.n(); n++) {
      for (int g = 0; g < c.groups(); g++) {
        work.run(
            n * imageSize + g * groupInputs,
            g * outPerGroup * depth,
            (n * c.outChannels() + g * outPerGroup) * positions);
      }
    }
  }

  private int at(int inOffset) {
    return pointwise ? inOffset : 0;
  }

  private float[] columns(float[] x, int inOffset) {
    if (pointwise) {
      return x;
    }
    forEachRow(
        inOffset,
        (image, column, from, to) -> {
          Arrays.fill(columns, column, column + from, 0f);
          if (c.strideWidth() == 1) {
            System.arraycopy(x, image + from, columns, column + from, to - from);
          } else {
            for (int i = from; i < to; i++) {
              columns[column + i] = x[image + i * c.strideWidth()];
            }
          }
          Arrays.fill(columns, column + to, column + c.outWidth(), 0f);
        });
    return columns;
  }

  private void addColumns(float[] gx, int inOffset) {
    Arrays.fill(gx, inOffset, inOffset + groupInputs, 0f);
    forEachRow(
        inOffset,
        (image, column, from, to) -> {
          for (int i = from; i < to; i++) {
            gx[image + i * c.strideWidth()] += columns[column + i];
          }
        });
  }

  private interface RowWork {
    /**
     * One output row under one kernel element.
     *
     * @param image where in x the input of output column 0 is; may lie in the padding
     * @param column where in the columns matrix the row starts
     * @param from the first output column whose input is not padding, and {@code to} the first
     *     after them
     */
    void run(int image, int column, int from, int to);
  }

  private void forEachRow(int inOffset, RowWork work) {
    int column = 0;
    for (int in = 0; in < c.inChannelsPerGroup(); in++) {
      for (int kh = 0; kh < c.kernelHeight(); kh++) {
        for (int kw = 0; kw < c.kernelWidth(); kw++) {
          int left = kw * c.dilationWidth() - c.padWidth();
          int from = Math.min(c.outWidth(), firstInside(left, c.strideWidth()));
          int to = Math.max(from, Math.min(c.outWidth(), endInside(left)));
          for (int oh = 0; oh < c.outHeight(); oh++, column += c.outWidth()) {
            int h = oh * c.strideHeight() - c.padHeight() + kh * c.dilationHeight();
            if (h < 0 || h >= c.height()) {
              work.run(0, column, c.outWidth(), c.outWidth());
            } else {
              int image = inOffset + (in * c.height() + h) * c.width() + left;
              work.run(image, column, from, to);
            }
          }
        }
      }
    }
  }

  /** The first output position whose input {@code left + i·stride} is 0 or more. */
  static int firstInside(int left, int stride) {
    return left >= 0 ? 0 : (-left + stride - 1) / stride;
  }

  private int endInside(int left) {
    int room = c.width() - left;
    return room <= 0 ? 0 : (room + c.strideWidth() - 1) / c.strideWidth();
  }
}
