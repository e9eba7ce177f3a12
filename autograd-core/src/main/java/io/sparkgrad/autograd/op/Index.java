// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd.op;

import io.sparkgrad.autograd.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Advanced indexing, {@code x[i, :, j]}: one index per axis, null for all of it, missing ones at
 * the end likewise. An index is INT64 (negative numbers count from the end) or a BOOL mask, which
 * covers as many axes as it has. INT64 indices stretch to one shape, which takes the place of the
 * indexed axes, or comes first where these are not neighbours. Saves places only, so that what was
 * indexed may be overwritten.
 */
public final class Index {
  private Index() {}

  public static Tensor of(Tensor x, List<? extends @Nullable Tensor> indices) {
    IndexedPlaces places = IndexedPlaces.of("index", x, indices);
    return Reshape.fresh(IndexSelect.flat(x, places.positions()), places.shape().dims());
  }

  /**
   * {@code y = x}, then {@code y[indices] = values} (the last of several wins) or, accumulating,
   * {@code +=}; the values stretch to the shape of what is indexed.
   */
  public static Tensor put(
      Tensor x, List<? extends @Nullable Tensor> indices, Tensor values, boolean accumulate) {
    Kernels.alike("index_put", x, values);
    IndexedPlaces places = IndexedPlaces.of("index_put", x, indices);
    Tensor spread = values.expand(places.shape().dims());
    return accumulate
        ? x.add(IndexSelect.addFlat(spread, places.positions(), x.shape()))
        : Overwrite.at(x, places.positions(), spread);
  }
}
