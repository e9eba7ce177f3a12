// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Broadcasting;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The row-major positions that an advanced index names, and the shape they come in. */
record IndexedPlaces(long[] positions, Shape shape) {

  static IndexedPlaces of(String op, Tensor x, List<? extends @Nullable Tensor> indices) {
    List<long @Nullable []> perAxis = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    for (Tensor index : indices) {
      if (index == null) {
        perAxis.add(null);
        shapes.add(Shape.scalar());
      } else if (index.dtype() == DType.INT64) {
        perAxis.add(index.toLongArray());
        shapes.add(index.shape());
      } else {
        for (long[] axis : coordinates(op, x.shape(), perAxis.size(), index)) {
          perAxis.add(axis);
          shapes.add(Shape.of(axis.length));
        }
      }
    }
    if (perAxis.size() > x.rank()) {
      throw new ShapeMismatchException(
          "%s: expected indices for at most %d axes of shape %s, got %d"
              .formatted(op, x.rank(), x.shape(), perAxis.size()));
    }
    while (perAxis.size() < x.rank()) {
      perAxis.add(null);
      shapes.add(Shape.scalar());
    }
    return placed(op, x.shape(), perAxis, shapes);
  }

  /** Where a mask holds, an array for each of its axes. */
  private static long[][] coordinates(String op, Shape x, int axis, Tensor mask) {
    int rank = mask.rank();
    boolean fits = axis + rank <= x.rank() && rank > 0;
    for (int i = 0; fits && i < rank; i++) {
      fits = mask.size(i) == x.size(axis + i);
    }
    if (mask.dtype() != DType.BOOL) {
      throw new AutogradException(
          "%s: expected indices of dtype INT64 or BOOL, got %s".formatted(op, mask.dtype()));
    }
    if (!fits) {
      throw new ShapeMismatchException(
          "%s: expected a mask with the sizes of shape %s from axis %d on, got %s"
              .formatted(op, x, axis, mask.shape()));
    }
    long[] places = Masked.places(op, mask, mask);
    long[] strides = mask.shape().strides();
    long[][] coordinates = new long[rank][places.length];
    for (int i = 0; i < rank; i++) {
      for (int j = 0; j < places.length; j++) {
        coordinates[i][j] = places[j] / strides[i] % mask.size(i);
      }
    }
    return coordinates;
  }

  private static IndexedPlaces placed(
      String op, Shape x, List<long @Nullable []> perAxis, List<Shape> shapes) {
    Shape common = Shape.scalar();
    int first = -1;
    int last = -1;
    int indexed = 0;
    for (int a = 0; a < perAxis.size(); a++) {
      if (perAxis.get(a) != null) {
        common = Broadcasting.of(op, common, shapes.get(a));
        first = first < 0 ? a : first;
        last = a;
        indexed++;
      }
    }
    int lead = indexed > 0 && last - first + 1 == indexed ? first : 0; // axes in front of common
    return steps(op, x, perAxis, shapes, common, lead);
  }

  /** Splits the axes into those that are picked from and those that are taken whole. */
  private static IndexedPlaces steps(
      String op,
      Shape x,
      List<long @Nullable []> perAxis,
      List<Shape> shapes,
      Shape common,
      int lead) {
    long[] strides = x.strides();
    long[] picked = new long[Math.toIntExact(common.numel())];
    List<Long> dims = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    for (int a = 0; a < perAxis.size(); a++) {
      long[] values = perAxis.get(a);
      if (values == null) {
        dims.add(x.size(a));
        steps.add(strides[a]);
      } else {
        long[] spread = spread(values, shapes.get(a), common);
        for (int i = 0; i < picked.length; i++) {
          picked[i] += strides[a] * checked(op, spread[i], x, a);
        }
      }
    }
    return combined(common, lead, picked, dims, steps);
  }

  private static long checked(String op, long value, Shape x, int axis) {
    long size = x.size(axis);
    if (value < -size || value >= size) {
      throw new IndexOutOfBoundsException(
          "%s: index %d is out of bounds for axis %d of shape %s".formatted(op, value, axis, x));
    }
    return value < 0 ? value + size : value;
  }

  private static long[] spread(long[] values, Shape from, Shape to) {
    long[] strides = Broadcasting.strides(from, to);
    long[] out = new long[Math.toIntExact(to.numel())];
    long[] own = to.strides();
    for (int i = 0; i < out.length; i++) {
      int at = 0;
      for (int d = 0; d < strides.length; d++) {
        at += (int) (i / own[d] % to.size(d) * strides[d]);
      }
      out[i] = values[at];
    }
    return out;
  }

  /** All of the axes in front, then what was picked, then all of the axes behind. */
  private static IndexedPlaces combined(
      Shape common, int lead, long[] picked, List<Long> dims, List<Long> steps) {
    long[] before = offsets(dims.subList(0, lead), steps.subList(0, lead));
    long[] after = offsets(dims.subList(lead, dims.size()), steps.subList(lead, steps.size()));
    long[] positions = new long[before.length * picked.length * after.length];
    int n = 0;
    for (long b : before) {
      for (long p : picked) {
        for (long a : after) {
          positions[n++] = b + p + a;
        }
      }
    }
    List<Long> shape = new ArrayList<>(dims.subList(0, lead));
    Arrays.stream(common.dims()).forEach(shape::add);
    shape.addAll(dims.subList(lead, dims.size()));
    return new IndexedPlaces(
        positions, Shape.of(shape.stream().mapToLong(Long::longValue).toArray()));
  }

  private static long[] offsets(List<Long> dims, List<Long> steps) {
    long[] offsets = {0};
    for (int d = 0; d < dims.size(); d++) {
      int size = Math.toIntExact(dims.get(d));
      long[] wider = new long[offsets.length * size];
      for (int i = 0; i < wider.length; i++) {
        wider[i] = offsets[i / size] + i % size * steps.get(d);
      }
      offsets = wider;
    }
    return offsets;
  }
}
