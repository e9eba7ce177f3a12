// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of any number of tensors at once: {@code torch.autograd.backward} and {@code
 * torch.autograd.grad}.
 */
public final class Autograd {
  private Autograd() {}

  /**
   * How a backward pass runs.
   *
   * @param retainGraph whether saved tensors are kept for another pass; null means the value of
   *     {@code createGraph}
   * @param createGraph whether the pass is itself recorded, for higher derivatives
   * @param inputs only these tensors accumulate a gradient; null means every leaf that requires one
   * @param allowUnused {@link #grad} only: an input that the outputs do not depend on gives null
   *     instead of an error; null means the value of {@code materializeGrads}
   * @param materializeGrads {@link #grad} only: zeros instead of null
   */
  public record Options(
      @Nullable Boolean retainGraph,
      boolean createGraph,
      @Nullable List<Tensor> inputs,
      @Nullable Boolean allowUnused,
      boolean materializeGrads) {
    public static final Options DEFAULT = new Options(null, false, null, null, false);

    public Options withRetainGraph(boolean value) {
      return new Options(value, createGraph, inputs, allowUnused, materializeGrads);
    }

    public Options withCreateGraph(boolean value) {
      return new Options(retainGraph, value, inputs, allowUnused, materializeGrads);
    }

    public Options withInputs(List<Tensor> value) {
      return new Options(
          retainGraph, createGraph, List.copyOf(value), allowUnused, materializeGrads);
    }

    public Options withAllowUnused(boolean value) {
      return new Options(retainGraph, createGraph, inputs, value, materializeGrads);
    }

    public Options withMaterializeGrads(boolean value) {
      return new Options(retainGraph, createGraph, inputs, allowUnused, value);
    }

    boolean allowsUnused() {
      return allowUnused == null ? materializeGrads : allowUnused;
    }

    boolean keepsGraph() {
      return retainGraph == null ? createGraph : retainGraph;
    }
  }

  /**
   * Accumulates the gradients of the roots into the {@code grad} of the leaves they depend on.
   *
   * @param gradients one per root, of exactly its shape; null for 1 if the root has one element.
   *     The list may be null.
   */
  public static void backward(
      List<Tensor> roots, @Nullable List<? extends @Nullable Tensor> gradients, Options options) {
    List<Tensor> inputs = options.inputs();
    if (inputs != null) {
      if (inputs.isEmpty()) {
        throw new AutogradException(
            "backward: inputs cannot be empty; leave them out for all leaves.");
      }
      requireGrad("inputs", inputs);
    }
    new BackwardPass(options.createGraph(), options.keepsGraph())
        .accumulate(edges(roots), seeds(roots, gradients), inputs);
  }

  /**
   * The gradients of the outputs for the inputs, leaf or not; writes no {@code grad}.
   *
   * @param gradOutputs as the gradients of {@link #backward}
   * @return one gradient per input; null only with {@link Options#allowUnused()}
   */
  public static List<@Nullable Tensor> grad(
      List<Tensor> outputs,
      List<Tensor> inputs,
      @Nullable List<? extends @Nullable Tensor> gradOutputs,
      Options options) {
    if (inputs.isEmpty()) {
      throw new AutogradException("grad: inputs cannot be empty.");
    }
    if (options.materializeGrads() && !options.allowsUnused()) {
      throw new IllegalArgumentException(
          "grad: expected allow_unused (allowUnused) to be true or left out with materialize_grads (materializeGrads), got false.");
    }
    requireGrad("inputs", inputs);
    List<@Nullable Tensor> result =
        new BackwardPass(options.createGraph(), options.keepsGraph())
            .capture(edges(outputs), seeds(outputs, gradOutputs), inputs);
    for (int i = 0; i < result.size(); i++) {
      if (result.get(i) == null) {
        if (options.materializeGrads()) {
          result.set(i, Tensor.zerosLike(inputs.get(i)));
        } else if (!options.allowsUnused()) {
          throw new AutogradException(
              "grad: input %d appears to not have been used in the graph of the outputs. Set allow_unused=True (allowUnused) if that is meant."
                  .formatted(i));
        }
      }
    }
    return result;
  }

  private static List<Edge> edges(List<Tensor> roots) {
    requireGrad("roots", roots);
    List<Edge> edges = new ArrayList<>();
    for (Tensor root : roots) {
      Edge edge = root.gradEdge();
      if (edge != null) {
        edges.add(edge);
      }
    }
    return edges;
  }

  private static void requireGrad(String what, List<Tensor> tensors) {
    for (int i = 0; i < tensors.size(); i++) {
      if (!tensors.get(i).requiresGrad()) {
        throw new AutogradException(
            "element %d of the %s does not require grad and does not have a grad_fn: all parameters and inputs it was computed from are frozen (requiresGrad=false), or it was computed under noGrad; unfreeze some with requiresGrad_(true), or compute it with recording on."
                .formatted(i, what));
      }
    }
  }

  private static List<Tensor> seeds(
      List<Tensor> roots, @Nullable List<? extends @Nullable Tensor> gradients) {
    if (gradients != null && gradients.size() != roots.size()) {
      throw new AutogradException(
          "backward: got %d tensors and %d gradients; expected one gradient per tensor."
              .formatted(roots.size(), gradients.size()));
    }
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < roots.size(); i++) {
      Tensor root = roots.get(i);
      Tensor gradient = gradients == null ? null : gradients.get(i);
      seeds.add(gradient == null ? one(root) : given(i, gradient, root));
    }
    return seeds;
  }

  private static Tensor one(Tensor root) {
    if (root.numel() != 1) {
      throw new AutogradException(
          "grad can be implicitly created only for scalar outputs, got shape %s; pass a gradient of that shape."
              .formatted(root.shape()));
    }
    return Tensor.onesLike(root);
  }

  private static Tensor given(int number, Tensor gradient, Tensor root) {
    if (!gradient.shape().equals(root.shape())) {
      throw new AutogradException(
          "Mismatch in shape: gradient %d has a shape of %s and its tensor has a shape of %s; expected equal shapes."
              .formatted(number, gradient.shape(), root.shape()));
    }
    if (gradient.backend() != root.backend()) {
      throw new AutogradException(
          "Mismatch in device: gradient %d is on %s and its tensor on %s; expected one device."
              .formatted(number, gradient.backend().name(), root.backend().name()));
    }
    return gradient.to(root.dtype());
  }
}
