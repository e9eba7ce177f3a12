// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;

/**
 * The gradient of relu, for which the JIT makes no vector code. (It does for relu itself, where
 * oneDNN would turn NaN into 0.) Operands are rows of numbers, in whatever layout they are.
 */
final class Activations {
  /** A multiple of every vector's length. */
  private static final int GRAIN = 64;

  private final Slices.Least least;
  private final ConcurrentHashMap<Long, Primitive> primitives = new ConcurrentHashMap<>();

  Activations(Slices.Least least) {
    this.least = least;
  }

  void reluGradient(Buffer y, Buffer g, Buffer gx) {
    Format format = NativeBuffer.flatLayout(y);
    Slices s = Slices.of(y.length(), Slices.worthwhile(3 * y.length(), least.elements()), GRAIN);
    try (Operands o = new Operands()) {
      long result = o.read(y, format);
      long gradient = o.read(g, format);
      long target = o.overwrite(gx, format);
      Workers.run(
          s.count(),
          i -> {
            long at = 4 * s.start(i);
            primitives
                .computeIfAbsent(s.length(i), Activations::reluGradient)
                .run(result + at, gradient + at, target + at);
          });
    }
  }

  private static Description reluDescription(Format row) {
    Description p = new Description("relu");
    return p.checked(
        dnnl.dnnl_eltwise_forward_primitive_desc_create(
            p.handle,
            Dnnl.engine(),
            dnnl.dnnl_forward_training,
            dnnl.dnnl_eltwise_relu_use_dst_for_bwd,
            row.descriptor(),
            row.descriptor(),
            0,
            0,
            Description.attributes()));
  }

  private static Primitive reluGradient(long length) {
    Format row = Format.rowMajor(length);
    try (Description forward = reluDescription(row);
        Description p = new Description("relu gradient")) {
      p.checked(
          dnnl.dnnl_eltwise_backward_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              dnnl.dnnl_eltwise_relu_use_dst_for_bwd,
              row.descriptor(),
              row.descriptor(),
              row.descriptor(),
              0,
              0,
              forward.handle,
              Description.attributes()));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_DST, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SRC, row));
    }
  }
}
