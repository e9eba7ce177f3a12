// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.LinearGeometry;
import io.sparkgrad.backend.MatmulGeometry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products, row-major, with a bias if wanted; a transpose is another stride. Several threads
 * share the batch, or the longer side of a single result.
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
  private record Key(MatmulGeometry geometry, int batch, int rows, int columns, boolean bias) {}

  /**
   * Where the operands stand.
   *
   * @param bias of each column of the result; 0 for none
   */
  private record Addresses(long a, long b, long bias, long c) {
    Addresses plus(long aBytes, long bBytes, long biasBytes, long cBytes) {
      return new Addresses(a + aBytes, b + bBytes, bias == 0 ? 0 : bias + biasBytes, c + cBytes);
    }
  }

  void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    multiply(g, a, b, null, c);
  }

  void linear(LinearGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, Buffer y) {
    multiply(g.product(), x, weight, bias, y);
  }

  private void multiply(MatmulGeometry g, Buffer a, Buffer b, @Nullable Buffer bias, Buffer c) {
    long count =
        Slices.worthwhile((long) g.batch() * g.m() * g.n() * g.k(), least.multiplications());
    try (Operands o = new Operands()) {
      Addresses all =
          new Addresses(
              o.read(a, null),
              o.read(b, null),
              bias == null ? 0 : o.read(bias, null),
              o.overwrite(c, null));
      if (g.batch() > 1) {
        overBatch(g, count, all);
      } else if (g.m() >= g.n()) {
        overRows(g, count, all);
      } else {
        overColumns(g, count, all);
      }
    }
  }

  private void overBatch(MatmulGeometry g, long count, Addresses all) {
    Slices s = Slices.of(g.batch(), count, 1);
    long aStep = g.repeatA() ? 0 : 4L * g.m() * g.k();
    long bStep = g.repeatB() ? 0 : 4L * g.k() * g.n();
    long cStep = 4L * g.m() * g.n();
    Workers.run(
        s.count(),
        i -> {
          long at = s.start(i);
          run(g, s.length(i), g.m(), g.n(), all.plus(at * aStep, at * bStep, 0, at * cStep));
        });
  }

  private void overRows(MatmulGeometry g, long count, Addresses all) {
    Slices s = Slices.of(g.m(), count, TILE);
    long aStep = g.transposeA() ? 4 : 4L * g.k();
    long cStep = 4L * g.n();
    Workers.run(
        s.count(),
        i -> {
          long at = s.start(i);
          run(g, 1, s.length(i), g.n(), all.plus(at * aStep, 0, 0, at * cStep));
        });
  }

  private void overColumns(MatmulGeometry g, long count, Addresses all) {
    Slices s = Slices.of(g.n(), count, TILE);
    long bStep = g.transposeB() ? 4L * g.k() : 4;
    Workers.run(
        s.count(),
        i -> {
          long at = s.start(i);
          run(g, 1, g.m(), s.length(i), all.plus(0, at * bStep, 4 * at, 4 * at));
        });
  }

  private void run(MatmulGeometry g, long batch, long rows, long columns, Addresses at) {
    boolean bias = at.bias != 0;
    Primitive p =
        primitives.computeIfAbsent(
            new Key(g, (int) batch, (int) rows, (int) columns, bias), Products::create);
    if (bias) {
      p.run(at.a, at.b, at.c, at.bias);
    } else {
      p.run(at.a, at.b, at.c);
    }
  }

  private static Primitive create(Key key) {
    MatmulGeometry g = key.geometry;
    long[] aDims = {g.repeatA() ? 1 : key.batch, key.rows, g.k()};
    long[] bDims = {g.repeatB() ? 1 : key.batch, g.k(), key.columns};
    Format a = matrix(aDims, g.m(), g.k(), g.transposeA());
    Format b = matrix(bDims, g.k(), g.n(), g.transposeB());
    Format c = matrix(new long[] {key.batch, key.rows, key.columns}, g.m(), g.n(), false);
    Format bias = Format.rowMajor(1, 1, key.columns);
    try (Description p = new Description("matmul")) {
      p.checked(
          dnnl.dnnl_matmul_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              a.descriptor(),
              b.descriptor(),
              key.bias ? bias.descriptor() : null,
              c.descriptor(),
              Description.attributes()));
      List<Primitive.Argument> arguments = new ArrayList<>(4);
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SRC, a));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_WEIGHTS, b));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DST, c));
      if (key.bias) {
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_BIAS, bias));
      }
      return p.compiled(arguments.toArray(Primitive.Argument[]::new));
    }
  }

  /** Of matrices {@code [rows, columns]}, or a corner of them, that may stand transposed. */
  private static Format matrix(long[] dims, long rows, long columns, boolean transposed) {
    long[] strides =
        transposed ? new long[] {rows * columns, 1, rows} : new long[] {rows * columns, columns, 1};
    return Format.ofStrides(dims, strides);
  }
}
