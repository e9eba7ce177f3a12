// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/** 2-D convolution and its gradients, grouped ones included. */
final class Convolutions {
  private final ConcurrentHashMap<Key, Primitive> primitives = new ConcurrentHashMap<>();

  private enum Kind {
    FORWARD,
    INPUT_GRADIENT,
    WEIGHT_GRADIENT
  }

  /**
   * What a primitive is compiled for.
   *
   * @param bias whether there is one, or its gradient is wanted
   */
  private record Key(Kind kind, Conv2dGeometry geometry, boolean bias) {}

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

  void forward(Conv2dGeometry geometry, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    Primitive p = primitive(Kind.FORWARD, geometry, bias != null);
    try (Operands o = new Operands()) {
      long source = o.read(x, p.format(0));
      long weights = o.read(weight, p.format(1));
      if (bias == null) {
        p.run(source, weights, o.overwrite(y, p.format(2)));
      } else {
        p.run(source, weights, o.overwrite(y, p.format(2)), o.read(bias, null));
      }
    }
  }

  void inputGradient(Conv2dGeometry geometry, Buffer yGradient, Buffer weight, Buffer xGradient) {
    Primitive p = primitive(Kind.INPUT_GRADIENT, geometry, false);
    try (Operands o = new Operands()) {
      p.run(
          o.read(yGradient, p.format(0)),
          o.read(weight, p.format(1)),
          o.overwrite(xGradient, p.format(2)));
    }
  }

  void weightGradient(
      Conv2dGeometry geometry,
      Buffer x,
      Buffer yGradient,
      Buffer wGradient,
      @Nullable Buffer biasGradient) {
    Primitive p = primitive(Kind.WEIGHT_GRADIENT, geometry, biasGradient != null);
    try (Operands o = new Operands()) {
      long source = o.read(x, p.format(0));
      long gradient = o.read(yGradient, p.format(1));
      long result = o.overwrite(wGradient, p.format(2));
      if (biasGradient == null) {
        p.run(source, gradient, result);
      } else {
        p.run(source, gradient, result, o.overwrite(biasGradient, null));
      }
    }
  }

  private Primitive primitive(Kind kind, Conv2dGeometry geometry, boolean bias) {
    return primitives.computeIfAbsent(new Key(kind, geometry, bias), Convolutions::create);
  }

  private static Primitive create(Key key) {
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
    dnnl_primitive_attr attributes = Description.fusing(null);
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
              null));
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
              null));
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
