// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.MatmulGeometry;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;

/** Matrix products, row-major; a transpose is another stride. */
final class Products {
  private final ConcurrentHashMap<MatmulGeometry, Primitive> primitives = new ConcurrentHashMap<>();

  void matmul(MatmulGeometry geometry, Buffer a, Buffer b, Buffer c) {
    Primitive p = primitives.computeIfAbsent(geometry, Products::create);
    try (Operands o = new Operands()) {
      p.run(o.read(a, null), o.read(b, null), o.overwrite(c, null));
    }
  }

  private static Primitive create(MatmulGeometry g) {
    Format a = matrix(g.repeatA() ? 1 : g.batch(), g.m(), g.k(), g.transposeA());
    Format b = matrix(g.repeatB() ? 1 : g.batch(), g.k(), g.n(), g.transposeB());
    Format c = matrix(g.batch(), g.m(), g.n(), false);
    try (Description p = new Description("matmul")) {
      p.checked(
          dnnl.dnnl_matmul_primitive_desc_create(
              p.handle, Dnnl.engine(), a.descriptor(), b.descriptor(), null, c.descriptor(), null));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_SRC, a),
          new Primitive.Argument(dnnl.DNNL_ARG_WEIGHTS, b),
          new Primitive.Argument(dnnl.DNNL_ARG_DST, c));
    }
  }

  private static Format matrix(long batch, long rows, long columns, boolean transposed) {
    long[] strides =
        transposed ? new long[] {rows * columns, 1, rows} : new long[] {rows * columns, columns, 1};
    return Format.ofStrides(new long[] {batch, rows, columns}, strides);
  }
}
