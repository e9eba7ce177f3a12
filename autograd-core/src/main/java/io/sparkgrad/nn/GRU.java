// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.Tensor;
import java.util.List;

/**
 * Gated recurrent unit: with the gates {@code r z n}, in this order in the parameters, {@code n =
 * tanh(W_in·x + b_in + σ(r)·(W_hn·h + b_hn))} and {@code h = (1 − σ(z))·n + σ(z)·h}. Shapes as in
 * {@link LSTM}.
 */
public final class GRU extends Recurrent {
  public GRU(int inputSize, int hiddenSize) {
    this(inputSize, hiddenSize, RecurrentOptions.DEFAULT);
  }

  public GRU(int inputSize, int hiddenSize, RecurrentOptions options) {
    super(inputSize, hiddenSize, options, 3);
  }

  static GRU fromJson(LayerArguments a) {
    return new GRU(
        a.integer("input_size", 1), a.integer("hidden_size", 1), RecurrentOptions.fromJson(a));
  }

  /**
   * The outputs of all steps, and the state behind the last one, {@code [layers·directions, batch,
   * hidden_size]}.
   */
  public record Result(Tensor output, Tensor hN) {}

  /** The outputs alone, from a state of zeros. */
  @Override
  public Tensor forward(Tensor x) {
    return run(x, 1).output();
  }

  /** From a state of zeros. */
  public Result forwardWithState(Tensor x) {
    return result(run(x, 1));
  }

  /** From this state, {@code [layers·directions, batch, hidden_size]}. */
  public Result forwardWithState(Tensor x, Tensor h0) {
    return result(run(x, List.of(h0)));
  }

  private static Result result(Run run) {
    return new Result(run.output(), run.states().get(0));
  }

  @Override
  List<Tensor> step(Cell cell, Tensor x, List<Tensor> state) {
    Tensor h = state.get(0);
    List<Tensor> ofInput = cell.ofInput(x).chunk(-1, 3);
    List<Tensor> ofHidden = cell.ofHidden(h).chunk(-1, 3);
    Tensor r = ofInput.get(0).add(ofHidden.get(0)).sigmoid();
    Tensor z = ofInput.get(1).add(ofHidden.get(1)).sigmoid();
    Tensor n = ofInput.get(2).add(r.mul(ofHidden.get(2))).tanh();
    return List.of(n.add(z.mul(h.sub(n))));
  }

  @Override
  String label() {
    return "GRU";
  }
}
