// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.LayerNormGeometry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/** Layer normalisation and its gradients; several threads share the rows. */
final class LayerNorms {
  private final Slices.Least least;
  private final ConcurrentHashMap<Key, Primitive> primitives = new ConcurrentHashMap<>();

  LayerNorms(Slices.Least least) {
    this.least = least;
  }

  /** What a primitive is compiled for. */
  private record Key(
      boolean gradient, long rows, int columns, float eps, boolean scale, boolean shift) {

    int flags() {
      return (scale ? dnnl.dnnl_use_scale : 0) | (shift ? dnnl.dnnl_use_shift : 0);
    }

    Format matrix() {
      return Format.rowMajor(rows, columns);
    }
  }

  void forward(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      @Nullable Buffer bias,
      Buffer mean,
      Buffer variance,
      Buffer y) {
    Slices s = slices(geometry, 2 * x.length());
    try (Operands o = new Operands()) {
      long from = o.read(x, null);
      long to = o.overwrite(y, null);
      long means = o.overwrite(mean, null);
      long variances = o.overwrite(variance, null);
      long scale = weight == null ? 0 : o.read(weight, null);
      long shift = bias == null ? 0 : o.read(bias, null);
      Workers.run(
          s.count(),
          i -> {
            long at = 4 * s.start(i);
            long row = at * geometry.columns();
            List<Long> addresses =
                new ArrayList<>(List.of(from + row, to + row, means + at, variances + at));
            addIfAny(addresses, scale);
            addIfAny(addresses, shift);
            run(key(false, geometry, s.length(i), weight != null, bias != null), addresses);
          });
    }
  }

  void gradient(
      LayerNormGeometry geometry,
      Buffer x,
      @Nullable Buffer weight,
      Buffer mean,
      Buffer variance,
      Buffer yGradient,
      @Nullable Buffer xGradient,
      @Nullable Buffer weightGradient,
      @Nullable Buffer biasGradient) {
    // With a weight, oneDNN computes its gradient in any case.
    boolean affine = weight != null || weightGradient != null || biasGradient != null;
    Slices s = slices(geometry, 3 * x.length());
    long rowBytes = 4L * geometry.columns();
    try (Operands o = new Operands()) {
      long from = o.read(x, null);
      long means = o.read(mean, null);
      long variances = o.read(variance, null);
      long g = o.read(yGradient, null);
      long to = xGradient == null ? o.scratch(4 * x.length()) : o.overwrite(xGradient, null);
      long scale = weight == null ? ones(o, geometry.columns()) : o.read(weight, null);
      Partials weights = partials(o, weightGradient, rowBytes, s.count());
      Partials biases = partials(o, biasGradient, rowBytes, s.count());
      Workers.run(
          s.count(),
          i -> {
            long at = 4 * s.start(i);
            long row = at * geometry.columns();
            List<Long> addresses =
                new ArrayList<>(List.of(from + row, means + at, variances + at, g + row, to + row));
            if (affine) {
              addresses.addAll(List.of(scale, weights.address(i), biases.address(i)));
            }
            run(key(true, geometry, s.length(i), affine, affine), addresses);
          });
      if (affine) {
        weights.addUp(least);
        biases.addUp(least);
      }
    }
  }

  private Slices slices(LayerNormGeometry geometry, long elements) {
    return Slices.of(geometry.rows(), Slices.worthwhile(elements, least.elements()), 1);
  }

  private static Partials partials(Operands o, @Nullable Buffer sum, long bytes, int count) {
    long address = sum == null ? o.scratch(bytes) : o.overwrite(sum, null);
    return new Partials(o, address, bytes, count);
  }

  private static long ones(Operands o, int columns) {
    float[] ones = new float[columns];
    Arrays.fill(ones, 1);
    long address = o.scratch(4L * columns);
    RawMemory.write(ones, 0, address, columns);
    return address;
  }

  private static void addIfAny(List<Long> addresses, long address) {
    if (address != 0) {
      addresses.add(address);
    }
  }

  private static Key key(
      boolean gradient, LayerNormGeometry g, long rows, boolean scale, boolean shift) {
    return new Key(gradient, rows, g.columns(), (float) g.eps(), scale, shift);
  }

  private void run(Key key, List<Long> addresses) {
    primitives
        .computeIfAbsent(key, k -> k.gradient ? gradient(k) : forward(k))
        .run(addresses.stream().mapToLong(Long::longValue).toArray());
  }

  private static Primitive forward(Key key) {
    Format rows = Format.rowMajor(key.rows);
    Format columns = Format.rowMajor(key.columns);
    try (Description p = description(key)) {
      List<Primitive.Argument> arguments = new ArrayList<>();
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SRC, key.matrix()));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DST, key.matrix()));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_MEAN, rows));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_VARIANCE, rows));
      if (key.scale) {
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SCALE, columns));
      }
      if (key.shift) {
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SHIFT, columns));
      }
      return p.compiled(arguments.toArray(Primitive.Argument[]::new));
    }
  }

  private static Description description(Key key) {
    Description p = new Description("layer norm");
    return p.checked(
        dnnl.dnnl_layer_normalization_forward_primitive_desc_create(
            p.handle,
            Dnnl.engine(),
            dnnl.dnnl_forward_training,
            key.matrix().descriptor(),
            key.matrix().descriptor(),
            Format.rowMajor(key.rows).descriptor(),
            key.eps,
            key.flags(),
            Description.attributes()));
  }

  private static Primitive gradient(Key key) {
    Format rows = Format.rowMajor(key.rows);
    Format columns = Format.rowMajor(key.columns);
    try (Description forward = description(key);
        Description p = new Description("layer norm gradient")) {
      p.checked(
          dnnl.dnnl_layer_normalization_backward_primitive_desc_create(
              p.handle,
              Dnnl.engine(),
              key.scale ? dnnl.dnnl_backward : dnnl.dnnl_backward_data,
              key.matrix().descriptor(),
              key.matrix().descriptor(),
              key.matrix().descriptor(),
              rows.descriptor(),
              key.eps,
              key.flags(),
              forward.handle,
              Description.attributes()));
      List<Primitive.Argument> arguments = new ArrayList<>();
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SRC, key.matrix()));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_MEAN, rows));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_VARIANCE, rows));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_DST, key.matrix()));
      arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SRC, key.matrix()));
      if (key.scale) {
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_SCALE, columns));
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SCALE, columns));
        arguments.add(new Primitive.Argument(dnnl.DNNL_ARG_DIFF_SHIFT, columns));
      }
      return p.compiled(arguments.toArray(Primitive.Argument[]::new));
    }
  }
}
