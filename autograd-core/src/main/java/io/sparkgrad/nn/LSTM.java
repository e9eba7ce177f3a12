// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.Tensor;
import java.util.List;

/**
 * Long short-term memory: with the gates {@code i f g o}, in this order in the parameters, {@code c
 * = σ(f)·c + σ(i)·tanh(g)} and {@code h = σ(o)·tanh(c)}. Input {@code [time, batch, input_size]},
 * or without the batch, or batch first if the options say so; output the h of each step in the last
 * layer, {@code [time, batch, directions·hidden_size]}.
 */
public final class LSTM extends Recurrent {
  public LSTM(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, RecurrentOptions.DEFAULT);
  }

  public LSTM(int inputSize, int hiddenSize, RecurrentOptions options) {
    super(inputSize, hiddenSize, options, 4);
  }

  static LSTM fromJson(LayerArguments a) {
    return new LSTM(
        a.integer("input_size", 1), a.integer("hidden_size", 1), RecurrentOptions.fromJson(a));
  }

  /**
   * The outputs of all steps, and both states behind the last one, {@code [layers·directions,
   * batch, hidden_size]}.
   */
  public record Result(Tensor output, Tensor hN, Tensor cN) {}

  /** The outputs alone, from a state of zeros. */
  @Override
  public Tensor forward(Tensor x) {
    return run(x, 2).output();
  }

  /** From a state of zeros. */
  public Result forwardWithState(Tensor x) {
    return result(run(x, 2));
  }

  /** From these states, {@code [layers·directions, batch, hidden_size]}. */
  public Result forwardWithState(Tensor x, Tensor h0, Tensor c0) {
    return result(run(x, List.of(h0, c0)));
  }

  private static Result result(Run run) {
    return new Result(run.output(), run.states().get(0), run.states().get(1));
  }

  @Override
  List<Tensor> step(Cell cell, Tensor x, List<Tensor> state) {
    List<Tensor> gates = cell.ofInput(x).add(cell.ofHidden(state.get(0))).chunk(-1, 4);
    Tensor kept = gates.get(1).sigmoid().mul(state.get(1));
    Tensor c = kept.add(gates.get(0).sigmoid().mul(gates.get(2).tanh()));
    return List.of(gates.get(3).sigmoid().mul(c.tanh()), c);
  }

  @Override
  String label() {
    return "LSTM";
  }
}
