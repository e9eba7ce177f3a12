// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Conv2dGeometry;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.global.dnnl;

/** The compiled forms of 2-D convolution and its gradients, each in the formats oneDNN prefers. */
final class ConvolutionPrimitives {
  private final ConcurrentHashMap<Convolution, Primitive> known = new ConcurrentHashMap<>();

  /** What is computed, and the order of a primitive's arguments; a bias or its gradient is last. */
  enum Kind {
    /** Of x, weight, y. */
    FORWARD,
    /** Of y's gradient, weight, x's gradient. */
    INPUT_GRADIENT,
    /** Of x, y's gradient, weight's gradient. */
    WEIGHT_GRADIENT;

    /** Whether an argument has one entry for each image. */
    boolean isBatched(int argument) {
      return argument == 0 || argument == (this == WEIGHT_GRADIENT ? 1 : 2);
    }
  }

  /**
   * What a primitive is compiled for.
   *
   * @param bias whether there is one, or its gradient is wanted
   */
  record Convolution(Kind kind, Conv2dGeometry geometry, boolean bias) {
    /** The same for another number of images. */
    Convolution ofImages(long n) {
      return new Convolution(kind, geometry.withN(Math.toIntExact(n)), bias);
    }
  }

  /** The dimensions of all operands. */
  private record Dims(
      long[] x, long[] w, long[] bias, long[] y, long[] strides, long[] dilations, long[] padding) {
    static Dims of(Conv2dGeometry c) {
      long[] w = {
        c.groups(),
        c.outChannelsPerGroup(),
        c.inChannelsPerGroup(),
        c.kernelHeight(),
        c.kernelWidth()
      };
      return new Dims(
          new long[] {c.n(), c.inChannels(), c.height(), c.width()},
          c.groups() == 1 ? new long[] {w[1], w[2], w[3], w[4]} : w,
          new long[] {c.outChannels()},
          new long[] {c.n(), c.outChannels(), c.outHeight(), c.outWidth()},
          new long[] {c.strideHeight(), c.strideWidth()},
          new long[] {c.dilationHeight() - 1, c.dilationWidth() - 1}, // oneDNN counts gaps
          new long[] {c.padHeight(), c.padWidth()});
    }
  }

  Primitive get(Convolution key) {
    return known.computeIfAbsent(key, ConvolutionPrimitives::create);
  }

  private static Primitive create(Convolution key) {
    Dims d = Dims.of(key.geometry);
    try (Description forward = forward(d, key.kind == Kind.FORWARD && key.bias)) {
      return switch (key.kind) {
        case FORWARD -> {
          var x = new Primitive.Argument(dnnl.DNNL_ARG_SRC, forward.format(dnnl.DNNL_ARG_SRC, d.x));
          var w =
              new Primitive.Argument(
                  dnnl.DNNL_ARG_WEIGHTS, forward.format(dnnl.DNNL_ARG_WEIGHTS, d.w));
          var y = new Primitive.Argument(dnnl.DNNL_ARG_DST, forward.format(dnnl.DNNL_ARG_DST, d.y));
          yield key.bias
              ? forward.compiled(
                  x, w, y, new Primitive.Argument(dnnl.DNNL_ARG_BIAS, Format.rowMajor(d.bias)))
              : forward.compiled(x, w, y);
        }
        case INPUT_GRADIENT -> inputGradient(d, forward);
        case WEIGHT_GRADIENT -> weightGradient(d, forward, key.bias);
      };
    }
  }

  private static Description forward(Dims d, boolean bias) {
    Description p = new Description("conv2d");
    dnnl_primitive_attr attributes = Description.attributes();
    return p.checked(
        dnnl.dnnl_convolution_forward_primitive_desc_create(
            p.handle,
            Dnnl.engine(),
            dnnl.dnnl_forward_training,
            dnnl.dnnl_convolution_direct,
            p.any(d.x),
            p.any(d.w),
            bias ? Format.rowMajor(d.bias).descriptor() : null,
            p.any(d.y),
            d.strides,
            d.dilations,
            d.padding,
            d.padding,
            attributes));
  }

  private static Primitive inputGradient(Dims d, Description forward) {
    try (Description p = new Description("conv2d input gradient")) {
      p.checked(
          dnnl.dnnl_convolution_backward_data_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              dnnl.dnnl_convolution_direct,
              p.any(d.x),
              p.any(d.w),
              p.any(d.y),
              d.strides,
              d.dilations,
              d.padding,
              d.padding,
              forward.handle,
              Description.attributes()));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, p.format(dnnl.DNNL_ARG_DIFF_DST, d.y)),
          new Primitive.Argument(dnnl.DNNL_ARG_WEIGHTS, p.format(dnnl.DNNL_ARG_WEIGHTS, d.w)),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SRC, p.format(dnnl.DNNL_ARG_DIFF_SRC, d.x)));
    }
  }

  private static Primitive weightGradient(Dims d, Description forward, boolean bias) {
    try (Description p = new Description("conv2d weight gradient")) {
      p.checked(
          dnnl.dnnl_convolution_backward_weights_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              dnnl.dnnl_convolution_direct,
              p.any(d.x),
              p.any(d.w),
              bias ? Format.rowMajor(d.bias).descriptor() : null,
              p.any(d.y),
              d.strides,
              d.dilations,
              d.padding,
              d.padding,
              forward.handle,
              Description.attributes()));
      var x = new Primitive.Argument(dnnl.DNNL_ARG_SRC, p.format(dnnl.DNNL_ARG_SRC, d.x));
      var gy =
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, p.format(dnnl.DNNL_ARG_DIFF_DST, d.y));
      var gw =
          new Primitive.Argument(
              dnnl.DNNL_ARG_DIFF_WEIGHTS, p.format(dnnl.DNNL_ARG_DIFF_WEIGHTS, d.w));
      return bias
          ? p.compiled(
              x, gy, gw, new Primitive.Argument(dnnl.DNNL_ARG_DIFF_BIAS, Format.rowMajor(d.bias)))
          : p.compiled(x, gy, gw);
    }
  }
}
