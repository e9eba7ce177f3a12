// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.shape.Shape;
import org.jspecify.annotations.Nullable;

/**
 * A shape of which some axes are reduced, as {@code [outerReduced, outerKept, reduced, kept]}: what
 * all but rare reductions come to when neighbours of one kind are taken together.
 */
record ReducedAxes(long outerReduced, long outerKept, long reduced, long kept) {

  /** Null where kinds alternate more often. */
  static @Nullable ReducedAxes of(Shape shape, boolean[] axes) {
    long[] sizes = {1, 1, 1, 1};
    int at = 3;
    for (int axis = axes.length - 1; axis >= 0; axis--) {
      if (shape.size(axis) != 1) {
        boolean reducedPlace = at % 2 == 0;
        at -= axes[axis] == reducedPlace ? 0 : 1;
        if (at < 0) {
          return null;
        }
        sizes[at] *= shape.size(axis);
      }
    }
    return new ReducedAxes(sizes[0], sizes[1], sizes[2], sizes[3]);
  }

  long elements() {
    return outerReduced * outerKept * reduced * kept;
  }
}
