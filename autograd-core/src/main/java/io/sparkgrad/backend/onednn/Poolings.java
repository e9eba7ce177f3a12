// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Pool2dGeometry;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * Maxima and means of windows and their gradients, in the layout in which the input is, in slices
 * of the batch where several threads may work.
 */
final class Poolings {
  /** What is computed, under oneDNN's names. */
  enum Kind {
    MAX(dnnl.dnnl_pooling_max),
    MEAN_WITH_PADDING(dnnl.dnnl_pooling_avg_include_padding),
    MEAN(dnnl.dnnl_pooling_avg_exclude_padding);

    private final int algorithm;

    Kind(int algorithm) {
      this.algorithm = algorithm;
    }
  }

  /**
   * What a primitive is compiled for.
   *
   * @param format of the input and its gradient
   * @param places whether the places of maxima are noted
   */
  private record Key(
      Kind kind, boolean gradient, Pool2dGeometry geometry, Format format, boolean places) {

    /** For some of the images. */
    Key ofImages(long count) {
      return count == geometry.n()
          ? this
          : new Key(
              kind, gradient, geometry.withN(Math.toIntExact(count)), format.first(count), places);
    }
  }

  private final Slices.Least least;
  private final ConcurrentHashMap<Key, Primitive> primitives = new ConcurrentHashMap<>();

  Poolings(Slices.Least least) {
    this.least = least;
  }

  /** Whether oneDNN's rules are ours: it counts padding of ceil mode. */
  static boolean canTake(Pool2dGeometry g) {
    return g.n() > 0
        && g.channels() > 0
        && g.padBottom() <= g.padHeight()
        && g.padRight() <= g.padWidth();
  }

  /** Maxima of numbers without NaN; the places of maxima if wanted. */
  @Nullable Buffer max(
      Backend backend, Pool2dGeometry geometry, Buffer x, Buffer y, boolean places) {
    Key key = new Key(Kind.MAX, false, geometry, format(x, inputs(geometry)), places);
    Primitive p = primitive(key);
    PoolPlaces noted =
        places ? new PoolPlaces(backend, y.length(), key.format, p.format(2).bytes()) : null;
    try (Operands o = new Operands()) {
      long from = o.read(x, p.format(0));
      long to = o.overwrite(y, p.format(1));
      run(key, noted == null ? new long[] {from, to} : new long[] {from, to, o.read(noted)});
    }
    return noted;
  }

  void maxGradient(Pool2dGeometry geometry, PoolPlaces places, Buffer yGradient, Buffer xGradient) {
    Key key = new Key(Kind.MAX, true, geometry, places.inputs(), true);
    Primitive p = primitive(key);
    try (Operands o = new Operands()) {
      long from = o.read(yGradient, p.format(1));
      run(key, o.overwrite(xGradient, p.format(0)), from, o.read(places));
    }
  }

  /** From positions in the window, as oneDNN notes them, to positions in the input. */
  long[] indices(Pool2dGeometry g, PoolPlaces places) {
    int[] positions = new int[Math.toIntExact(places.length())];
    Key key = new Key(Kind.MAX, false, g, places.inputs(), true);
    try (Operands o = new Operands()) {
      long integers = o.scratch(4L * positions.length);
      Reorders.toIntegers(primitive(key).format(2), o.read(places), integers);
      RawMemory.read(integers, positions, positions.length);
    }
    long[] indices = new long[positions.length];
    for (int i = 0; i < indices.length; i++) {
      int column = i % g.outWidth() * g.strideWidth() - g.padWidth();
      int row = i / g.outWidth() % g.outHeight() * g.strideHeight() - g.padHeight();
      long plane = i / ((long) g.outWidth() * g.outHeight());
      row += positions[i] / g.kernelWidth();
      column += positions[i] % g.kernelWidth();
      indices[i] = (plane * g.height() + row) * g.width() + column;
    }
    return indices;
  }

  void mean(Kind kind, Pool2dGeometry geometry, Buffer x, Buffer y) {
    Key key = new Key(kind, false, geometry, format(x, inputs(geometry)), false);
    Primitive p = primitive(key);
    try (Operands o = new Operands()) {
      long from = o.read(x, p.format(0));
      run(key, from, o.overwrite(y, p.format(1)));
    }
  }

  void meanGradient(Kind kind, Pool2dGeometry geometry, Buffer yGradient, Buffer xGradient) {
    Format inputs = format(yGradient, outputs(geometry)).withDims(inputs(geometry));
    Key key = new Key(kind, true, geometry, inputs, false);
    Primitive p = primitive(key);
    try (Operands o = new Operands()) {
      long from = o.read(yGradient, p.format(1));
      run(key, o.overwrite(xGradient, p.format(0)), from);
    }
  }

  /** The layout of the numbers if it is one of these dimensions. */
  private static Format format(Buffer buffer, long[] dims) {
    Format plain = Format.rowMajor(dims);
    Format current = buffer instanceof NativeBuffer numbers ? numbers.current() : null;
    return current != null && current.sameDims(plain) ? current : plain;
  }

  private static long[] inputs(Pool2dGeometry g) {
    return new long[] {g.n(), g.channels(), g.height(), g.width()};
  }

  private static long[] outputs(Pool2dGeometry g) {
    return new long[] {g.n(), g.channels(), g.outHeight(), g.outWidth()};
  }

  private Primitive primitive(Key key) {
    return primitives.computeIfAbsent(key, Poolings::create);
  }

  /** Runs on slices of the images, if every argument has them one after the other. */
  private void run(Key key, long... addresses) {
    Primitive whole = primitive(key);
    long[] steps = new long[addresses.length];
    boolean divisible = key.geometry.n() > 1;
    for (int i = 0; i < steps.length; i++) {
      steps[i] = whole.format(i).entryBytes();
      divisible &= steps[i] != 0;
    }
    long elements = (whole.format(0).bytes() + whole.format(1).bytes()) / 4;
    long most = divisible ? Slices.worthwhile(elements, least.elements()) : 1;
    Slices s = Slices.of(key.geometry.n(), most, 1);
    Workers.run(
        s.count(),
        slice -> {
          long[] from = addresses.clone();
          for (int i = 0; i < from.length; i++) {
            from[i] += s.start(slice) * steps[i];
          }
          primitive(key.ofImages(s.length(slice))).run(from);
        });
  }

  private static Primitive create(Key key) {
    try (Description p = new Description("pooling")) {
      forward(p, key);
      return key.gradient
          ? gradient(key, p)
          : compiled(key, p, dnnl.DNNL_ARG_SRC, dnnl.DNNL_ARG_DST);
    }
  }

  private static void forward(Description p, Key key) {
    Pool2dGeometry g = key.geometry;
    p.checked(
        dnnl.dnnl_pooling_forward_primitive_desc_create(
            p.handle,
            Dnnl.engine(),
            key.places || key.gradient ? dnnl.dnnl_forward_training : dnnl.dnnl_forward_inference,
            key.kind.algorithm,
            key.format.descriptor(),
            p.any(outputs(g)),
            new long[] {g.strideHeight(), g.strideWidth()},
            new long[] {g.kernelHeight(), g.kernelWidth()},
            new long[] {0, 0}, // oneDNN counts gaps
            new long[] {g.padHeight(), g.padWidth()},
            new long[] {g.padBottom(), g.padRight()},
            Description.attributes()));
  }

  private static Primitive gradient(Key key, Description forward) {
    Pool2dGeometry g = key.geometry;
    try (Description p = new Description("pooling gradient")) {
      p.checked(
          dnnl.dnnl_pooling_backward_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              key.kind.algorithm,
              key.format.descriptor(),
              forward.format(dnnl.DNNL_ARG_DST, outputs(g)).descriptor(),
              new long[] {g.strideHeight(), g.strideWidth()},
              new long[] {g.kernelHeight(), g.kernelWidth()},
              new long[] {0, 0},
              new long[] {g.padHeight(), g.padWidth()},
              new long[] {g.padBottom(), g.padRight()},
              forward.handle,
              Description.attributes()));
      return compiled(key, p, dnnl.DNNL_ARG_DIFF_SRC, dnnl.DNNL_ARG_DIFF_DST);
    }
  }

  /** Takes input, output (or their gradients) and, if noted, places. */
  private static Primitive compiled(Key key, Description p, int input, int output) {
    var x = new Primitive.Argument(input, key.format);
    var y = new Primitive.Argument(output, p.format(output, outputs(key.geometry)));
    if (!key.places) {
      return p.compiled(x, y);
    }
    int notes = dnnl.DNNL_ARG_WORKSPACE;
    return p.compiled(x, y, new Primitive.Argument(notes, p.format(notes, outputs(key.geometry))));
  }
}
