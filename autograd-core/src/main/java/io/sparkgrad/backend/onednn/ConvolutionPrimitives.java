// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.Epilogue;
import java.util.ArrayList;
import java.util.List;
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
   * @param after what a forward primitive does to its result
   */
  record Convolution(Kind kind, Conv2dGeometry geometry, boolean bias, After after) {
    /** The same for another number of images. */
    Convolution ofImages(long n) {
      return new Convolution(kind, geometry.withN(Math.toIntExact(n)), bias, after);
    }
  }

  /** Which parts of an {@link Epilogue} there are. */
  record After(boolean scale, boolean shift, boolean summand, boolean relu) {
    static final After NOTHING = new After(false, false, false, false);

    static After of(Epilogue e) {
      return new After(e.scale() != null, e.shift() != null, e.summand() != null, e.relu());
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
    if (key.kind == Kind.FORWARD) {
      return forward(d, key);
    }
    try (Description forward = new Description("conv2d")) {
      describe(forward, d, false, Description.attributes());
      return key.kind == Kind.INPUT_GRADIENT
          ? inputGradient(d, forward)
          : weightGradient(d, forward, key.bias);
    }
  }

  /** Takes x, weight, y and, where there are any, bias, scale, shift and summand. */
  private static Primitive forward(Dims d, Convolution key) {
    After after = key.after;
    try (Description p = new Description("conv2d");
        PostOps operations = new PostOps()) {
      Format perChannel = Format.rowMajor(1, d.y[1], 1, 1);
      if (after.scale) {
        operations.multiply(perChannel.descriptor());
      }
      if (after.shift) {
        operations.add(perChannel.descriptor());
      }
      if (after.summand) {
        operations.add(p.any(d.y));
      }
      if (after.relu) {
        operations.relu();
      }
      describe(p, d, key.bias, p.attributes(operations));
      List<Primitive.Argument> arguments = new ArrayList<>();
      arguments.add(p.argument(dnnl.DNNL_ARG_SRC, d.x));
      arguments.add(p.argument(dnnl.DNNL_ARG_WEIGHTS, d.w));
      arguments.add(p.argument(dnnl.DNNL_ARG_DST, d.y));
      if (key.bias) {
        arguments.add(p.argument(dnnl.DNNL_ARG_BIAS, d.bias));
      }
      for (int i = 0; i < operations.operands(); i++) {
        boolean summand = after.summand && i == operations.operands() - 1;
        Format format = summand ? p.format(dnnl.DNNL_ARG_DST, d.y) : perChannel;
        arguments.add(new Primitive.Argument(operations.argument(i), format));
      }
      return p.compiled(arguments.toArray(Primitive.Argument[]::new));
    }
  }

  private static void describe(
      Description p, Dims d, boolean bias, dnnl_primitive_attr attributes) {
    p.checked(
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
          p.argument(dnnl.DNNL_ARG_DIFF_DST, d.y),
          p.argument(dnnl.DNNL_ARG_WEIGHTS, d.w),
          p.argument(dnnl.DNNL_ARG_DIFF_SRC, d.x));
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
      var x = p.argument(dnnl.DNNL_ARG_SRC, d.x);
      var gy = p.argument(dnnl.DNNL_ARG_DIFF_DST, d.y);
      var gw = p.argument(dnnl.DNNL_ARG_DIFF_WEIGHTS, d.w);
      return bias
          ? p.compiled(x, gy, gw, p.argument(dnnl.DNNL_ARG_DIFF_BIAS, d.bias))
          : p.compiled(x, gy, gw);
    }
  }
}
