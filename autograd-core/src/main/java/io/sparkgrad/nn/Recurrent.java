// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkgrad.autograd.Generator;
import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.autograd.op.Concat;
import io.sparkgrad.autograd.op.Stack;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Layers that read a sequence step by step and carry a state from each to the next. Parameters of
 * layer k are {@code weight_ih_lk} [gates·hidden, input], {@code weight_hh_lk} [gates·hidden,
 * hidden], {@code bias_ih_lk} and {@code bias_hh_lk} [gates·hidden], for the direction from the end
 * followed by {@code _reverse}; all start uniform in {@code ±1/√hidden}.
 *
 * <p>The steps stay apart from layer to layer: slices of one joined tensor would each send back a
 * gradient of the whole sequence's size.
 */
abstract sealed class Recurrent extends Module permits LSTM, GRU {
  private final int inputSize;
  private final int hiddenSize;
  private final RecurrentOptions options;
  private final List<Cell> cells = new ArrayList<>(); // by layer, each direction in turn
  private final Dropout dropout; // not a child, so always in training mode

  /** The parameters of one layer in one direction. */
  record Cell(
      Parameter weightIh,
      Parameter weightHh,
      @Nullable Parameter biasIh,
      @Nullable Parameter biasHh) {
    Tensor ofInput(Tensor x) {
      return io.sparkgrad.autograd.op.Linear.of(x, weightIh, biasIh);
    }

    Tensor ofHidden(Tensor h) {
      return io.sparkgrad.autograd.op.Linear.of(h, weightHh, biasHh);
    }
  }

  /** The last layer's outputs and every cell's state behind the last step. */
  record Run(Tensor output, List<Tensor> states) {}

  Recurrent(int inputSize, int hiddenSize, RecurrentOptions options, int gates) {
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.options = options;
    this.dropout = new Dropout(options.dropout());
    int rows = gates * hiddenSize;
    for (int layer = 0; layer < options.numLayers(); layer++) {
      int columns = layer == 0 ? inputSize : hiddenSize * options.directions();
      for (int direction = 0; direction < options.directions(); direction++) {
        String name = "l" + layer + (direction == 0 ? "" : "_reverse");
        cells.add(
            new Cell(
                parameter("weight_ih_" + name, rows, columns),
                parameter("weight_hh_" + name, rows, hiddenSize),
                options.bias() ? parameter("bias_ih_" + name, rows) : null,
                options.bias() ? parameter("bias_hh_" + name, rows) : null));
      }
    }
  }

  private Parameter parameter(String name, long... shape) {
    double bound = 1 / Math.sqrt(hiddenSize);
    Parameter parameter = registerParameter(name, new Parameter(Tensor.zeros(shape)));
    Init.uniform_(parameter, -bound, bound, Generator.current());
    return parameter;
  }

  /** The state [batch, hidden] behind one step [batch, input]; its first part is the output. */
  abstract List<Tensor> step(Cell cell, Tensor x, List<Tensor> state);

  /** The layer's name in messages. */
  abstract String label();

  /** Each of the states, whose number is {@code parts}, starts as zeros. */
  final Run run(Tensor x, int parts) {
    long[] shape = stateShape(x).dims();
    return run(
        x, Collections.nCopies(parts, Tensor.zeros(Shape.of(shape), x.dtype(), x.backend())));
  }

  final Run run(Tensor x, List<Tensor> start) {
    Shape expected = stateShape(x);
    for (Tensor state : start) {
      if (!state.shape().equals(expected)) {
        throw new ShapeMismatchException(
            "%s: expected an initial state of shape %s, got %s"
                .formatted(label(), expected, state.shape()));
      }
    }
    boolean batched = x.rank() == 3;
    int time = batched && options.batchFirst() ? 1 : 0;
    if (x.size(time) == 0) {
      throw new ShapeMismatchException(
          "%s: expected a sequence of 1 step or more, got shape %s".formatted(label(), x.shape()));
    }
    List<Tensor> rows = batched ? start : start.stream().map(s -> s.unsqueeze(1)).toList();
    List<Tensor> steps = (batched ? x : x.unsqueeze(1)).unbind(time);
    List<List<Tensor>> ends = new ArrayList<>();
    for (int layer = 0; layer < options.numLayers(); layer++) {
      steps = layer(layer, steps, rows, ends);
    }
    List<Tensor> states =
        IntStream.range(0, start.size())
            .mapToObj(part -> Stack.of(ends.stream().map(end -> end.get(part)).toList(), 0))
            .map(state -> batched ? state : state.squeeze(1))
            .toList();
    Tensor output = Stack.of(steps, time);
    return new Run(batched ? output : output.squeeze(1), states);
  }

  private List<Tensor> layer(
      int layer, List<Tensor> steps, List<Tensor> start, List<List<Tensor>> ends) {
    List<Tensor> in =
        layer > 0 && isTraining() ? steps.stream().map(dropout::call).toList() : steps;
    int cell = layer * options.directions();
    List<Tensor> ahead = direction(cell, in, start, ends);
    if (!options.bidirectional()) {
      return ahead;
    }
    List<Tensor> back = reversed(direction(cell + 1, reversed(in), start, ends));
    return IntStream.range(0, in.size())
        .mapToObj(t -> Concat.of(List.of(ahead.get(t), back.get(t)), -1))
        .toList();
  }

  private List<Tensor> direction(
      int cell, List<Tensor> steps, List<Tensor> start, List<List<Tensor>> ends) {
    List<Tensor> outputs = new ArrayList<>();
    List<Tensor> state = start.stream().map(s -> s.select(0, cell)).toList();
    for (Tensor x : steps) {
      state = step(cells.get(cell), x, state);
      outputs.add(state.get(0));
    }
    ends.add(state);
    return outputs;
  }

  private static List<Tensor> reversed(List<Tensor> steps) {
    List<Tensor> copy = new ArrayList<>(steps);
    Collections.reverse(copy);
    return copy;
  }

  private Shape stateShape(Tensor x) {
    if ((x.rank() != 2 && x.rank() != 3) || x.size(-1) != inputSize) {
      throw new ShapeMismatchException(
          "%s: expected an input of shape %s, or without the batch, got %s"
              .formatted(
                  label(),
                  (options.batchFirst() ? "[batch, time, %d]" : "[time, batch, %d]")
                      .formatted(inputSize),
                  x.shape()));
    }
    return x.rank() == 2
        ? Shape.of(cells.size(), hiddenSize)
        : Shape.of(cells.size(), x.size(options.batchFirst() ? 0 : 1), hiddenSize);
  }

  @Override
  protected final void describe(ObjectNode json) {
    json.put("input_size", inputSize).put("hidden_size", hiddenSize);
    options.describe(json);
  }

  @Override
  protected final String arguments() {
    return inputSize + ", " + hiddenSize + options.arguments();
  }
}
