// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.data.InputBatch;
import io.sparkgrad.spark.data.InputException;
import io.sparkgrad.spark.data.InputSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * What a network takes from which columns, and what it puts out, found by a forward pass over one
 * row of zeros.
 *
 * @param inputs one for each input of the network
 * @param outputShape of one row
 */
public record NetworkProbe(List<InputSpec> inputs, List<Long> outputShape) {
  /**
   * Tries the network on these columns. Columns of integers are numbers to compute with, unless the
   * network takes them as tokens only.
   *
   * @param columns for each input of the network those that it is read from
   * @param shapes of one row of each input
   * @throws InputException if the network does not take rows of this kind
   */
  public static NetworkProbe of(
      Module network, StructType schema, List<List<String>> columns, List<List<Long>> shapes) {
    List<List<InputSpec>> candidates = candidates(schema, columns, shapes);
    IllegalArgumentException first = new IllegalArgumentException("it has no inputs");
    for (int i = 0; i < candidates.size(); i++) {
      List<InputSpec> inputs = candidates.get(i);
      try {
        return new NetworkProbe(inputs, outputShape(network, inputs));
      } catch (InputException e) {
        throw e;
      } catch (IllegalArgumentException e) {
        first = i == 0 ? e : first;
      }
    }
    throw new InputException(
        "inputShape: the network does not take rows of shape %s: %s"
            .formatted(shapes.size() == 1 ? shapes.get(0) : shapes, first.getMessage()),
        first);
  }

  /** Every choice of numbers or tokens for the inputs that allow both, all numbers first. */
  private static List<List<InputSpec>> candidates(
      StructType schema, List<List<String>> columns, List<List<Long>> shapes) {
    List<List<InputSpec>> choices = List.of(List.of());
    for (int i = 0; i < columns.size(); i++) {
      List<List<InputSpec>> longer = new ArrayList<>();
      for (boolean tokens : new boolean[] {false, true}) {
        if (tokens && !InputSpec.mayBeTokens(schema, columns.get(i))) {
          continue;
        }
        InputSpec input = InputSpec.of(schema, columns.get(i), shapes.get(i), tokens);
        for (List<InputSpec> choice : choices) {
          List<InputSpec> extended = new ArrayList<>(choice);
          extended.add(input);
          longer.add(extended);
        }
      }
      choices = longer;
    }
    return choices;
  }

  private static List<Long> outputShape(Module network, List<InputSpec> inputs) {
    network.eval();
    long[] shape;
    try (var mode = GradMode.noGrad();
        var scope = TensorScope.open()) {
      shape =
          network
              .call(inputs.stream().map(i -> new InputBatch(i, 1).tensor()).toList())
              .shape()
              .dims();
    }
    if (shape.length == 0 || shape[0] != 1) {
      throw new InputException(
          "network: expected an output whose first axis is that of the rows, got shape %s for one row."
              .formatted(Arrays.toString(shape)));
    }
    return Arrays.stream(shape).skip(1).boxed().toList();
  }

  /** How many numbers the network puts out for a row. */
  public int outputs() {
    return Math.toIntExact(outputShape.stream().reduce(1L, Math::multiplyExact));
  }

  /**
   * How many classes the network tells apart.
   *
   * @throws InputException if it does not put out a vector per row
   */
  public int classes() {
    if (outputShape.size() != 1) {
      throw new InputException(
          "network: expected an output of shape [rows, classes], got %s for one row of shape %s."
              .formatted(outputShape, inputs.get(0).shape()));
    }
    return outputs();
  }
}
