// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Layout;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/**
 * Copies strided regions, row-major, with oneDNN's reorders; several threads share the first axis.
 */
final class StridedCopies {
  private final Slices.Least least;
  private final ConcurrentHashMap<Walk, Primitive> primitives = new ConcurrentHashMap<>();

  StridedCopies(Slices.Least least) {
    this.least = least;
  }

  /**
   * Does it, or says that it cannot: oneDNN knows no steps backwards, nor more than 12 axes.
   *
   * @param region of one element at least
   */
  boolean copy(Shape region, Buffer source, Layout from, Buffer target, Layout to) {
    Walk walk = Walk.of(region, from.strides(), to.strides());
    if (walk == null) {
      return false;
    }
    long first = walk.sizes.get(0);
    Slices s = Slices.of(first, Slices.worthwhile(2 * region.numel(), least.elements()), 1);
    try (Operands o = new Operands()) {
      long read = o.read(source, null) + 4 * from.offset();
      boolean all = region.numel() == target.length();
      long written = (all ? o.overwrite(target, null) : o.update(target, null)) + 4 * to.offset();
      Workers.run(
          s.count(),
          i ->
              primitives
                  .computeIfAbsent(walk.first(s.length(i)), StridedCopies::create)
                  .run(
                      read + 4 * s.start(i) * walk.from.get(0),
                      written + 4 * s.start(i) * walk.to.get(0)));
    }
    return true;
  }

  private static Primitive create(Walk walk) {
    return Reorders.create(walk.format(walk.from), walk.format(walk.to));
  }

  /** Axes of a region with their strides in both buffers: as few as there can be. */
  private record Walk(List<Long> sizes, List<Long> from, List<Long> to) {

    /** Null where oneDNN cannot walk. */
    static @Nullable Walk of(Shape region, long[] from, long[] to) {
      Walk walk = new Walk(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (int axis = 0; axis < region.rank(); axis++) {
        long size = region.size(axis);
        if (size != 1 && (from[axis] < 0 || to[axis] < 0)) {
          return null;
        }
        if (size != 1) {
          walk.add(size, from[axis], to[axis]);
        }
      }
      if (walk.sizes.isEmpty()) {
        walk.add(1, 1, 1);
      }
      return walk.sizes.size() > dnnl.DNNL_MAX_NDIMS ? null : walk;
    }

    /** So many entries of the first axis. */
    Walk first(long count) {
      List<Long> fewer = new ArrayList<>(sizes);
      fewer.set(0, count);
      return new Walk(fewer, from, to);
    }

    Format format(List<Long> strides) {
      return Format.ofStrides(array(sizes), array(strides));
    }

    private static long[] array(List<Long> list) {
      return list.stream().mapToLong(Long::longValue).toArray();
    }

    private void add(long size, long fromStride, long toStride) {
      int last = sizes.size() - 1;
      if (last >= 0 && from.get(last) == size * fromStride && to.get(last) == size * toStride) {
        sizes.set(last, sizes.get(last) * size);
        from.set(last, fromStride);
        to.set(last, toStride);
      } else {
        sizes.add(size);
        from.add(fromStride);
        to.add(toStride);
      }
    }
  }
}
