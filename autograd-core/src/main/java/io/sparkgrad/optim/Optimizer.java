// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.optim;

import io.sparkgrad.autograd.GradMode;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Changes parameters by their gradients. A parameter without a gradient is left alone completely:
 * no decay, no momentum, no state. Whether it requires a gradient is not asked: a gradient that is
 * there is applied. Parameters belong to groups, each with settings of its own. Not safe for use by
 * several threads.
 *
 * @param <O> the settings of a group
 */
public abstract class Optimizer<O extends OptimizerOptions<O>> {
  private static final System.Logger LOG = System.getLogger(Optimizer.class.getName());
  private static final int NAMED = 8; // parameters that a warning counts out

  private final O defaults;
  private final List<ParamGroup<O>> groups = new ArrayList<>();
  private final IdentityHashMap<Tensor, ParameterState> state = new IdentityHashMap<>();
  private final Set<Tensor> stale = Collections.newSetFromMap(new IdentityHashMap<>());
  private long steps;

  /** One group, or several; the defaults hold where a group does not override them. */
  Optimizer(O defaults, List<ParamGroup.Spec<O>> groups) {
    this.defaults = defaults;
    if (groups.isEmpty()) {
      throw emptyList();
    }
    groups.forEach(this::add);
  }

  private static IllegalArgumentException emptyList() {
    return new IllegalArgumentException(
        "optimizer: got an empty parameter list; is every layer frozen?");
  }

  private void add(ParamGroup.Spec<O> spec) {
    if (spec.params().isEmpty()) {
      throw emptyList();
    }
    Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    groups.forEach(g -> seen.addAll(g.params()));
    for (Tensor p : spec.params()) {
      if (!p.isLeaf()) {
        throw new IllegalArgumentException("optimizer: can't optimize a non-leaf tensor: " + p);
      }
      if (!seen.add(p)) {
        throw new IllegalArgumentException(
            "optimizer: a parameter appears in more than one parameter group or twice: " + p);
      }
    }
    groups.add(new ParamGroup<>(spec.params(), spec.override().apply(defaults)));
    warnIfFrozen(spec.params());
  }

  private static void warnIfFrozen(List<Tensor> params) {
    List<Integer> frozen = new ArrayList<>();
    for (int i = 0; i < params.size(); i++) {
      if (!params.get(i).requiresGrad()) {
        frozen.add(i);
      }
    }
    if (frozen.size() == params.size()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "optimizer: all %d parameters given are frozen (requiresGrad=false), so step() trains nothing; unfreeze what is to be trained with requiresGrad_(true)"
              .formatted(frozen.size()));
    } else if (!frozen.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "optimizer: %d of the %d parameters given (%s) are frozen (requiresGrad=false) and will not be trained; leave them out, and add them with addParamGroup when you unfreeze them"
              .formatted(frozen.size(), params.size(), places(frozen)));
    }
  }

  /** The first few of them. */
  private static String places(List<Integer> places) {
    String first =
        places.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    return "at " + first + (places.size() > NAMED ? ", …" : "");
  }

  /** Adds parameters, for example of layers that are unfrozen now, with the default settings. */
  public final void addParamGroup(List<? extends Tensor> params) {
    addParamGroup(params, settings -> settings);
  }

  /** Adds parameters whose settings are made from the defaults. */
  public final void addParamGroup(List<? extends Tensor> params, UnaryOperator<O> override) {
    add(ParamGroup.of(params, override));
  }

  public final List<ParamGroup<O>> paramGroups() {
    return Collections.unmodifiableList(groups);
  }

  /** Updates every parameter that has a gradient, under noGrad. */
  public final void step() {
    warnIfStale();
    try (var mode = GradMode.noGrad()) {
      for (ParamGroup<O> group : groups) {
        update(due(group.params()), group.options());
      }
    }
    steps++;
  }

  private List<Due> due(List<Tensor> params) {
    List<Due> due = new ArrayList<>(params.size());
    for (Tensor p : params) {
      Tensor grad = p.grad();
      if (grad != null) {
        due.add(new Due(p, grad, state.computeIfAbsent(p, k -> new ParameterState())));
      }
    }
    return due;
  }

  /**
   * Computes the loss and its gradients by {@code closure}, with recording on, then steps.
   *
   * @return the loss
   */
  public final Tensor step(Supplier<Tensor> closure) {
    Tensor loss;
    try (var mode = GradMode.enableGrad()) {
      loss = closure.get();
    }
    step();
    return loss;
  }

  /** How often {@link #step()} was called on this object. */
  public final long stepCount() {
    return steps;
  }

  /** Once for each parameter, and all of a step in one message. */
  private void warnIfStale() {
    List<Integer> found = new ArrayList<>();
    int index = 0;
    for (ParamGroup<O> group : groups) {
      for (Tensor p : group.params()) {
        if (!p.requiresGrad() && p.grad() != null && stale.add(p)) {
          found.add(index);
        }
        index++;
      }
    }
    if (!found.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "optimizer: %d frozen parameter(s) (%s over all groups) still hold a gradient from before, which is applied; call zeroGrad() when you freeze a layer"
              .formatted(found.size(), places(found)));
    }
  }

  /** Drops all gradients. */
  public final void zeroGrad() {
    zeroGrad(true);
  }

  /** Drops all gradients, or overwrites them with zeros in place. */
  public final void zeroGrad(boolean setToNull) {
    groups.forEach(g -> g.params().forEach(p -> p.zeroGrad(setToNull)));
  }

  /**
   * Settings and state under PyTorch's names. Tensors are aliases: they change with the next step.
   */
  public final OptimizerStateDict stateDict() {
    return OptimizerStateDict.of(groups, state);
  }

  /**
   * Continues where {@code saved} was taken, with its settings: copies its tensors, in the types
   * and on the devices of the parameters.
   *
   * @throws IllegalArgumentException if groups, parameters or shapes do not fit; nothing has
   *     changed then
   */
  public final void loadStateDict(OptimizerStateDict saved) {
    IdentityHashMap<Tensor, ParameterState> loaded = new StateLoading(saved).into(groups);
    state.clear();
    state.putAll(loaded);
  }

  /**
   * A parameter that a step is to change.
   *
   * @param grad not to be written to
   */
  record Due(Tensor parameter, Tensor grad, ParameterState state) {
    /** The gradient as the formulas take it: {@code ±g + λθ}. */
    Tensor gradient(boolean maximize, double weightDecay) {
      Tensor g = maximize ? grad.neg() : grad;
      return weightDecay == 0 ? g : g.add(parameter.mul(weightDecay));
    }
  }

  /** One step of the parameters of a group that have a gradient, under noGrad. */
  abstract void update(List<Due> due, O options);
}
