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
  private final ConcurrentHashMap<Long, Primitive> primitives = new ConcurrentHashMap<>();

  void reluGradient(Buffer y, Buffer g, Buffer gx) {
    Primitive p = primitives.computeIfAbsent(y.length(), Activations::reluGradient);
    Format format = NativeBuffer.flatLayout(y);
    try (Operands o = new Operands()) {
      p.run(o.read(y, format), o.read(g, format), o.overwrite(gx, format));
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
            null));
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
              null));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_DST, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, row),
          new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SRC, row));
    }
  }
}
