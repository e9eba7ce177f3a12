// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.param.NetworkParams;
import java.util.Arrays;
import java.util.List;

/** Which columns the inputs of a network are read from, and their shapes, by a stage's Params. */
final class Inputs {
  private Inputs() {}

  /** Whether the network has several inputs, each from a column of its own. */
  private static boolean areSeveral(NetworkParams<?> stage) {
    return stage.isDefined(stage.inputShapes());
  }

  /** The columns of each input. */
  static List<List<String>> columns(NetworkParams<?> stage) {
    if (!stage.isDefined(stage.featuresCols())) {
      return List.of(List.of(stage.getFeaturesCol()));
    }
    List<String> columns = List.of(stage.getFeaturesCols());
    if (columns.isEmpty()) {
      throw new InputException("featuresCols: names no column; give at least one.");
    }
    return areSeveral(stage) ? columns.stream().map(List::of).toList() : List.of(columns);
  }

  /** The shape of each input; empty if the data have to tell. */
  static List<List<Long>> shapes(NetworkParams<?> stage) {
    if (areSeveral(stage)) {
      int[][] shapes = stage.getInputShapes();
      int columns = columns(stage).size();
      if (shapes.length != columns) {
        throw new InputException(
            "inputShapes: expected one for each of the %d columns of featuresCols, got %d."
                .formatted(columns, shapes.length));
      }
      return Arrays.stream(shapes).map(Inputs::shape).toList();
    }
    return stage.isDefined(stage.inputShape()) ? List.of(shape(stage.getInputShape())) : List.of();
  }

  /** As the Params have a shape. */
  static int[] sizes(List<Long> shape) {
    return shape.stream().mapToInt(Math::toIntExact).toArray();
  }

  private static List<Long> shape(int[] sizes) {
    return Arrays.stream(sizes).mapToObj(Long::valueOf).toList();
  }
}
