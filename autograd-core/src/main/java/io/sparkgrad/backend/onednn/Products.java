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

  /** What is computed, and done to the result. */
  private record Product(MatmulGeometry geometry, boolean bias, boolean relu) {}

  /** So many products, and of each so many rows and columns of the result. */
  private record Key(Product product, int batch, int rows, int columns) {}

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

  /**
   * The formats in which the operands of a product count as row-major matrices; null for row-major.
   * The features of flattened images are in another order where images stand in blocks of channels:
   * the order of a sum does not matter, and that of a result's columns is its own affair.
   */
  private record Orders(@Nullable Format a, @Nullable Format b, @Nullable Format c) {
    static final Orders ROW_MAJOR = new Orders(null, null, null);

    static Orders of(MatmulGeometry g, Buffer a, Buffer b) {
      if (g.batch() > 1 || (g.transposeA() && g.transposeB())) {
        return ROW_MAJOR;
      }
      if (g.transposeB()) { // rows of images with rows of weights
        Format images = images(a, g.m(), g.k());
        Format weights = images == null ? null : rows(images, g.n());
        return weights == null ? ROW_MAJOR : new Orders(images, weights, null);
      }
      Format images = images(b, g.k(), g.n());
      Format result = images == null ? null : rows(images, g.m());
      return result == null ? ROW_MAJOR : new Orders(null, images, result);
    }

    private static @Nullable Format images(Buffer buffer, long count, long features) {
      Format format = NativeBuffer.flatLayout(buffer);
      return format != null && format.dims()[0] == count && format.entryBytes() == 4 * features
          ? format
          : null;
    }

    private static @Nullable Format rows(Format images, long count) {
      Format format = images.ofAsManyImages(count);
      return format == null || format.isPadded() ? null : format;
    }
  }

  void matmul(MatmulGeometry g, Buffer a, Buffer b, Buffer c) {
    multiply(new Product(g, false, false), a, b, null, c);
  }

  /** Of operands at these addresses, row-major. */
  void batch(MatmulGeometry g, long a, long b, long c) {
    long count =
        Slices.worthwhile((long) g.batch() * g.m() * g.n() * g.k(), least.multiplications());
    overBatch(new Product(g, false, false), count, new Addresses(a, b, 0, c));
  }

  /** With a relu that turns NaN into 0, if wanted. */
  void linear(
      LinearGeometry g, Buffer x, Buffer weight, @Nullable Buffer bias, boolean relu, Buffer y) {
    multiply(new Product(g.product(), bias != null, relu), x, weight, bias, y);
  }

  private void multiply(Product product, Buffer a, Buffer b, @Nullable Buffer bias, Buffer c) {
    MatmulGeometry g = product.geometry;
    Orders orders = Orders.of(g, a, b);
    long count =
        Slices.worthwhile((long) g.batch() * g.m() * g.n() * g.k(), least.multiplications());
    try (Operands o = new Operands()) {
      Addresses all =
          new Addresses(
              o.read(a, orders.a),
              o.read(b, orders.b),
              bias == null ? 0 : o.read(bias, null),
              o.overwrite(c, orders.c));
      if (g.batch() > 1) {
        overBatch(product, count, all);
      } else if (g.m() >= g.n()) {
        overRows(product, count, all);
      } else {
        overColumns(product, count, all);
      }
    }
  }

  private void overBatch(Product product, long count, Addresses all) {
    MatmulGeometry g = product.geometry;
    Slices s = Slices.of(g.batch(), count, 1);
    long aStep = g.repeatA() ? 0 : 4L * g.m() * g.k();
    long bStep = g.repeatB() ? 0 : 4L * g.k() * g.n();
    long cStep = 4L * g.m() * g.n();
    Workers.run(
        s.count(),
        i -> {
          long at = s.start(i);
          run(product, s.length(i), g.m(), g.n(), all.plus(at * aStep, at * bStep, 0, at * cStep));
        });
  }

  private void overRows(Product product, long count, Addresses all) {
    MatmulGeometry g = product.geometry;
    Slices s = Slices.of(g.m(), count, TILE);
    long aStep = g.transposeA() ? 4 : 4L * g.k();
    long cStep = 4L * g.n();
    Workers.run(
        s.count(),
        i -> {
          long at = s.start(i);
          run(product, 1, s.length(i), g.n(), all.plus(at * aStep, 0, 0, at * cStep));
        });
  }

  private void overColumns(Product product, long count, Addresses all) {
    MatmulGeometry g = product.geometry;
    Slices s = Slices.of(g.n(), count, TILE);
    long bStep = g.transposeB() ? 4L * g.k() : 4;
    Workers.run(
        s.count(),
        i -> {
          long at = s.start(i);
          run(product, 1, g.m(), s.length(i), all.plus(0, at * bStep, 4 * at, 4 * at));
        });
  }

  private void run(Product product, long batch, long rows, long columns, Addresses at) {
    Key key = new Key(product, (int) batch, (int) rows, (int) columns);
    Primitive p = primitives.computeIfAbsent(key, Products::create);
    if (product.bias) {
      p.run(at.a, at.b, at.c, at.bias);
    } else {
      p.run(at.a, at.b, at.c);
    }
  }

  private static Primitive create(Key key) {
    MatmulGeometry g = key.product.geometry;
    long[] aDims = {g.repeatA() ? 1 : key.batch, key.rows, g.k()};
    long[] bDims = {g.repeatB() ? 1 : key.batch, g.k(), key.columns};
    Format a = matrix(aDims, g.m(), g.k(), g.transposeA());
    Format b = matrix(bDims, g.k(), g.n(), g.transposeB());
    Format c = matrix(new long[] {key.batch, key.rows, key.columns}, g.m(), g.n(), false);
    Format bias = Format.rowMajor(1, 1, key.columns);
    try (Description p = new Description("matmul");
        PostOps operations = new PostOps()) {
      if (key.product.relu) {
        operations.relu();
      }
      p.checked(
          dnnl.dnnl_matmul_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              a.descriptor(),
              b.descriptor(),
              key.product.bias ? bias.descriptor() : null,
              c.descriptor(),
              p.attributes(operations)));
      List<Primitive.Argument> arguments = new ArrayList<>(4);
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SRC, a));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_WEIGHTS, b));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DST, c));
      if (key.product.bias) {
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
