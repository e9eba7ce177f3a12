// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.MatmulGeometry;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;

/**
 * Matrix products, row-major; a transpose is another stride. Several threads share the batch, or
 * the longer side of a single result.
 */
final class Products {
  /** Rows or columns of a slice are a multiple of it: oneDNN computes tiles. */
  private static final int TILE = 16;

  private final Slices.Least least;
  private final ConcurrentHashMap<Key, Primitive> primitives = new ConcurrentHashMap<>();

  Products(Slices.Least least) {
    this.least = least;
  }

  /** So many products, and of each so many rows and columns of the result. */
  private record Key(MatmulGeometry geometry, int batch, int rows, int columns) {}

  void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    long count =
        Slices.worthwhile((long) g.batch() * g.m() * g.n() * g.k(), least.multiplications());
    try (Operands o = new Operands()) {
      long left = o.read(a, null);
      long right = o.read(b, null);
      long result = o.overwrite(c, null);
      if (g.batch() > 1) {
        overBatch(g, count, left, right, result);
      } else if (g.m() >= g.n()) {
        overRows(g, count, left, right, result);
      } else {
        overColumns(g, count, left, right, result);
      }
    }
  }

  private void overBatch(MatmulGeometry g, long count, long a, long b, long c) {
    Slices s = Slices.of(g.batch(), count, 1);
    long aStep = g.repeatA() ? 0 : 4L * g.m() * g.k();
    long bStep = g.repeatB() ? 0 : 4L * g.k() * g.n();
    long cStep = 4L * g.m() * g.n();
    Workers.run(
        s.count(),
        i -> {
          long at = s.start(i);
          primitive(g, s.length(i), g.m(), g.n())
              .run(a + at * aStep, b + at * bStep, c + at * cStep);
        });
  }

  private void overRows(MatmulGeometry g, long count, long a, long b, long c) {
    Slices s = Slices.of(g.m(), count, TILE);
    long aStep = g.transposeA() ? 4 : 4L * g.k();
    long cStep = 4L * g.n();
    Workers.run(
        s.count(),
        i ->
            primitive(g, 1, s.length(i), g.n())
                .run(a + s.start(i) * aStep, b, c + s.start(i) * cStep));
  }

  private void overColumns(MatmulGeometry g, long count, long a, long b, long c) {
    Slices s = Slices.of(g.n(), count, TILE);
    long bStep = g.transposeB() ? 4L * g.k() : 4;
    Workers.run(
        s.count(),
        i ->
            primitive(g, 1, g.m(), s.length(i)).run(a, b + s.start(i) * bStep, c + 4 * s.start(i)));
  }

  private Primitive primitive(MatmulGeometry g, long batch, long rows, long columns) {
    return primitives.computeIfAbsent(
        new Key(g, (int) batch, (int) rows, (int) columns), Products::create);
  }

  private static Primitive create(Key key) {
    MatmulGeometry g = key.geometry;
    long[] aDims = {g.repeatA() ? 1 : key.batch, key.rows, g.k()};
    long[] bDims = {g.repeatB() ? 1 : key.batch, g.k(), key.columns};
    Format a = matrix(aDims, g.m(), g.k(), g.transposeA());
    Format b = matrix(bDims, g.k(), g.n(), g.transposeB());
    Format c = matrix(new long[] {key.batch, key.rows, key.columns}, g.m(), g.n(), false);
    try (Description p = new Description("matmul")) {
      p.checked(
          dnnl.dnnl_matmul_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              a.descriptor(),
              b.descriptor(),
              null,
              c.descriptor(),
              Description.attributes()));
      return p.compiled(
          new Primitive.Argument(dnnl.DNNL_ARG_SRC, a),
          new Primitive.Argument(dnnl.DNNL_ARG_WEIGHTS, b),
          new Primitive.Argument(dnnl.DNNL_ARG_DST, c));
    }
  }

  /** Of matrices {@code [rows, columns]}, or a corner of them, that may stand transposed. */
  private static Format matrix(long[] dims, long rows, long columns, boolean transposed) {
    long[] strides =
        transposed ? new long[] {rows * columns, 1, rows} : new long[] {rows * columns, columns, 1};
    return Format.ofStrides(dims, strides);
  }
}
