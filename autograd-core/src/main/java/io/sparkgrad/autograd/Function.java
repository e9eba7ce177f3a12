// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An operation with a gradient of one's own: {@code torch.autograd.Function}. An instance keeps no
 * state between calls; what backward needs goes into the {@link Context}, one per call.
 *
 * <pre>{@code
 * final class Cube extends Function {
 *   protected Tensor[] forward(Context ctx, Object... args) {
 *     Tensor x = (Tensor) args[0];
 *     ctx.saveForBackward(x);
 *     return new Tensor[] {x.pow(3)};
 *   }
 *
 *   protected Tensor[] backward(Context ctx, Tensor... g) {
 *     return new Tensor[] {g[0].mul(ctx.savedTensors()[0].square()).mul(3)};
 *   }
 * }
 * Tensor y = new Cube().apply(x);
 * }</pre>
 */
public abstract class Function {
  /** Computes the results; runs with recording off. */
  protected abstract Tensor[] forward(Context ctx, @Nullable Object... args);

  /**
   * Computes the gradients; is recorded if the pass is ({@code createGraph}).
   *
   * @return one entry per argument of forward; null where it is no tensor, needs no gradient
   *     ({@link Context#needsInputGrad}), or has no influence
   */
  protected abstract @Nullable Tensor[] backward(Context ctx, @Nullable Tensor... gradOutputs);

  /** Whether backward itself cannot be differentiated; then its gradients say so when asked to. */
  protected boolean onceDifferentiable() {
    return false;
  }

  /** Applies a function of one result. */
  public final Tensor apply(@Nullable Object... args) {
    Tensor[] results = applyAll(args);
    if (results.length != 1) {
      throw new AutogradException(
          "%s: expected a function of one result, got %d; use applyAll"
              .formatted(name(), results.length));
    }
    return results[0];
  }

  /**
   * Applies the function and records it if one of the tensors among {@code args} requires a
   * gradient. An input that it returns unchanged comes back as another tensor with storage in
   * common, unless it was marked dirty.
   */
  public final Tensor[] applyAll(@Nullable Object... args) {
    Tensor[] inputs = Arrays.stream(args).filter(Tensor.class::isInstance).toArray(Tensor[]::new);
    @Nullable Edge[] next = new Edge[inputs.length];
    boolean recorded = false;
    if (Modes.current().records()) {
      for (int i = 0; i < inputs.length; i++) {
        next[i] = inputs[i].gradEdge();
        recorded |= next[i] != null;
      }
    }
    Context ctx = new Context(name(), args, next);
    Tensor[] results;
    try (var mode = GradMode.noGrad()) {
      results = forward(ctx, args);
    }
    return new FunctionResults(this, ctx, inputs, results).connected(recorded ? next : null);
  }

  final String name() {
    String name = getClass().getSimpleName();
    return name.isEmpty() ? "Function" : name;
  }

  /** What forward hands on to backward. Belongs to one call. */
  public static final class Context {
    private final String name;
    private final boolean[] needsInputGrad;
    private final boolean[] isTensor;
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private @Nullable Tensor[] toSave = {};
    private @Nullable SavedTensor[] saved = {};
    private Tensor[] dirty = {};
    private Tensor[] nonDifferentiable = {};
    private boolean materializeGrads = true;

    private Context(String name, @Nullable Object[] args, @Nullable Edge[] next) {
      this.name = name;
      this.needsInputGrad = new boolean[args.length];
      this.isTensor = new boolean[args.length];
      int tensor = 0;
      for (int i = 0; i < args.length; i++) {
        isTensor[i] = args[i] instanceof Tensor;
        needsInputGrad[i] = isTensor[i] && next[tensor++] != null;
      }
    }

    /** Keeps inputs or results for backward; nulls are kept as such. */
    public void saveForBackward(@Nullable Tensor... tensors) {
      toSave = tensors.clone();
    }

    /**
     * What was saved, with the history it had.
     *
     * @throws GraphFreedException if an earlier backward released it
     * @throws InplaceModificationException if it was overwritten since
     */
    public @Nullable Tensor[] savedTensors() {
      @Nullable Tensor[] tensors = new Tensor[saved.length];
      for (int i = 0; i < saved.length; i++) {
        SavedTensor s = saved[i];
        tensors[i] = s == null ? null : s.get();
      }
      return tensors;
    }

    /** Whether this argument of forward wants a gradient. */
    public boolean needsInputGrad(int argument) {
      return needsInputGrad[argument];
    }

    /** Says that forward wrote into these inputs, which it also returns. */
    public void markDirty(Tensor... inputs) {
      dirty = inputs.clone();
    }

    /** Says that these results require no gradient. */
    public void markNonDifferentiable(Tensor... results) {
      nonDifferentiable = results.clone();
    }

    /** Whether missing gradients of results arrive as zeros, as they do at first, or as null. */
    public void setMaterializeGrads(boolean value) {
      materializeGrads = value;
    }

    /** Keeps anything else under a name. */
    public void put(String key, Object value) {
      attributes.put(key, value);
    }

    public @Nullable Object get(String key) {
      return attributes.get(key);
    }

    Tensor[] dirty() {
      return dirty;
    }

    Tensor[] nonDifferentiable() {
      return nonDifferentiable;
    }

    boolean materializesGrads() {
      return materializeGrads;
    }

    @Nullable Tensor[] takeToSave() {
      @Nullable Tensor[] taken = toSave;
      toSave = new Tensor[0];
      return taken;
    }

    void saved(@Nullable SavedTensor[] value) {
      saved = value;
    }

    void release() {
      for (SavedTensor s : saved) {
        if (s != null) {
          s.release();
        }
      }
    }

    /** From one gradient per argument to one per tensor. */
    @Nullable Tensor[] ofTensors(@Nullable Tensor[] grads) {
      int given = grads.length;
      while (given > isTensor.length && grads[given - 1] == null) {
        given--;
      }
      if (given != isTensor.length) {
        throw new AutogradException(
            "%sBackward returned an incorrect number of gradients: expected %d, got %d"
                .formatted(name, isTensor.length, grads.length));
      }
      List<@Nullable Tensor> kept = new ArrayList<>();
      for (int i = 0; i < given; i++) {
        if (isTensor[i]) {
          kept.add(grads[i]);
        } else if (grads[i] != null) {
          throw new AutogradException(
              "%sBackward returned a gradient for argument %d, which is no tensor; return null for it."
                  .formatted(name, i));
        }
      }
      return kept.toArray(Tensor[]::new);
    }
  }
}
