// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import io.sparkgrad.autograd.AutogradException;
import io.sparkgrad.autograd.Handle;
import io.sparkgrad.autograd.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What can be hooked to a module: functions that see, and may replace, what goes in and out of it.
 * They run around {@link #call}, which containers use for their children; calling {@link #forward}
 * goes past them. Hooks of one kind run in the order of registration, those registered with {@code
 * prepend} before the others, the last such first. A hook may be removed at any time, also by a
 * hook.
 */
public abstract sealed class ModuleHooks permits ModuleContents {
  private final List<Entry<ForwardPreHook>> forwardPre = new CopyOnWriteArrayList<>();
  private final List<Entry<ForwardHook>> forward = new CopyOnWriteArrayList<>();
  private final List<Entry<FullBackwardPreHook>> backwardPre = new CopyOnWriteArrayList<>();
  private final List<Entry<FullBackwardHook>> backward = new CopyOnWriteArrayList<>();

  /** A registration: equal only to itself, so that one hook may be registered twice. */
  private static final class Entry<H> {
    private final H hook;
    private final boolean alwaysCall;

    Entry(H hook, boolean alwaysCall) {
      this.hook = hook;
      this.alwaysCall = alwaysCall;
    }
  }

  /** Sees the input; what it returns, if not null, takes the input's place. */
  @FunctionalInterface
  public interface ForwardPreHook {
    @Nullable Tensor apply(Module module, Tensor input);
  }

  /**
   * Sees input and output; what it returns, if not null, takes the output's place. The output is
   * null where forward threw, which only hooks registered with {@code alwaysCall} are told.
   */
  @FunctionalInterface
  public interface ForwardHook {
    @Nullable Tensor apply(Module module, Tensor input, @Nullable Tensor output);
  }

  /** Sees the gradient of the output; what it returns, if not null, takes its place. */
  @FunctionalInterface
  public interface FullBackwardPreHook {
    @Nullable Tensor apply(Module module, Tensor gradOutput);
  }

  /**
   * Sees the gradients of input and output; what it returns, if not null, takes the place of the
   * input's. That is null where the input requires no gradient, and cannot be replaced then.
   */
  @FunctionalInterface
  public interface FullBackwardHook {
    @Nullable Tensor apply(Module module, @Nullable Tensor gradInput, Tensor gradOutput);
  }

  /** Applies the module to a batch; its class says which shapes go in and come out. */
  public abstract Tensor forward(Tensor x);

  /**
   * Applies the module to the inputs of a batch, of which most modules take one.
   *
   * @throws IllegalArgumentException if the module does not take as many
   */
  public Tensor forward(List<Tensor> inputs) {
    return forward(only(inputs));
  }

  /** The input of a module that takes one. */
  final Tensor only(List<Tensor> inputs) {
    if (inputs.size() != 1) {
      throw new IllegalArgumentException(
          "%s: expected 1 input, got %d; ConcatBranches takes several"
              .formatted(getClass().getSimpleName(), inputs.size()));
    }
    return inputs.get(0);
  }

  /** {@link #forward(Tensor)} with the hooks around it. */
  public final Tensor call(Tensor x) {
    return hasHooks() ? new Call(List.of(x)).run() : forward(x);
  }

  /**
   * {@link #forward(List)} with the hooks around it: those before it and full backward hooks run
   * for each input, those behind it see the first.
   */
  public final Tensor call(List<Tensor> inputs) {
    return hasHooks() ? new Call(inputs).run() : forward(inputs);
  }

  /** Whether {@link #call} is more than {@link #forward}. */
  final boolean hasHooks() {
    return !(forward.isEmpty()
        && forwardPre.isEmpty()
        && backwardPre.isEmpty()
        && backward.isEmpty());
  }

  public final Handle registerForwardPreHook(ForwardPreHook hook) {
    return registerForwardPreHook(hook, false);
  }

  public final Handle registerForwardPreHook(ForwardPreHook hook, boolean prepend) {
    return add(forwardPre, new Entry<>(hook, false), prepend);
  }

  public final Handle registerForwardHook(ForwardHook hook) {
    return registerForwardHook(hook, false, false);
  }

  /**
   * Adds a hook.
   *
   * @param alwaysCall whether it runs, once, also if forward or another hook throws
   */
  public final Handle registerForwardHook(ForwardHook hook, boolean prepend, boolean alwaysCall) {
    return add(forward, new Entry<>(hook, alwaysCall), prepend);
  }

  public final Handle registerFullBackwardPreHook(FullBackwardPreHook hook) {
    return registerFullBackwardPreHook(hook, false);
  }

  public final Handle registerFullBackwardPreHook(FullBackwardPreHook hook, boolean prepend) {
    return add(backwardPre, new Entry<>(hook, false), prepend);
  }

  public final Handle registerFullBackwardHook(FullBackwardHook hook) {
    return registerFullBackwardHook(hook, false);
  }

  public final Handle registerFullBackwardHook(FullBackwardHook hook, boolean prepend) {
    return add(backward, new Entry<>(hook, false), prepend);
  }

  private static <H> Handle add(List<Entry<H>> hooks, Entry<H> entry, boolean prepend) {
    hooks.add(prepend ? 0 : hooks.size(), entry);
    return () -> hooks.remove(entry);
  }

  /**
   * One call. The gradients are caught at nodes of the call's own before and behind the module, so
   * that other uses of its input and output do not mix in.
   */
  private final class Call {
    private final Module module = (Module) ModuleHooks.this;
    private final List<Tensor> inputs;
    private @Nullable Tensor gradOutput;
    private int forwardHooksRun;

    Call(List<Tensor> inputs) {
      this.inputs = new ArrayList<>(inputs);
    }

    Tensor run() {
      List<Entry<ForwardHook>> hooks = List.copyOf(forward);
      try {
        return run(hooks);
      } catch (RuntimeException | Error e) {
        for (Entry<ForwardHook> entry : hooks.subList(forwardHooksRun, hooks.size())) {
          if (entry.alwaysCall) {
            try {
              entry.hook.apply(module, inputs.get(0), null);
            } catch (RuntimeException hidden) {
              e.addSuppressed(hidden);
            }
          }
        }
        throw e;
      }
    }

    private Tensor run(List<Entry<ForwardHook>> hooks) {
      for (Entry<ForwardPreHook> entry : forwardPre) {
        inputs.replaceAll(input -> replaced(input, entry.hook.apply(module, input)));
      }
      boolean hooked = !backward.isEmpty() || !backwardPre.isEmpty();
      List<Tensor> x = hooked ? inputs.stream().map(this::watchedInput).toList() : inputs;
      Tensor y = x.size() == 1 ? forward(x.get(0)) : forward(x);
      for (Entry<ForwardHook> entry : hooks) {
        forwardHooksRun++;
        y = replaced(y, entry.hook.apply(module, inputs.get(0), y));
      }
      return hooked ? watchedOutput(y, x.stream().anyMatch(Tensor::requiresGrad)) : y;
    }

    private static Tensor replaced(Tensor tensor, @Nullable Tensor replacement) {
      return replacement == null ? tensor : replacement;
    }

    private Tensor watchedInput(Tensor input) {
      Tensor x = input.reshape(input.shape().dims());
      if (x.requiresGrad() && !backward.isEmpty()) {
        x.registerHook(this::gradInput);
      }
      return x;
    }

    private Tensor watchedOutput(Tensor output, boolean inputWatched) {
      Tensor y = output.reshape(output.shape().dims());
      if (y.requiresGrad()) {
        y.registerHook(g -> gradOutput(g, inputWatched));
      }
      return y;
    }

    private Tensor gradOutput(@Nullable Tensor gradient, boolean inputWatched) {
      Tensor g = present(gradient);
      for (Entry<FullBackwardPreHook> entry : backwardPre) {
        g = replaced(g, entry.hook.apply(module, g));
      }
      gradOutput = g;
      if (!inputWatched) {
        for (Entry<FullBackwardHook> entry : backward) {
          if (entry.hook.apply(module, null, g) != null) {
            throw new AutogradException(
                "full backward hook: expected null for the gradient of an input that requires none, got a tensor; return null");
          }
        }
      }
      return g;
    }

    private Tensor gradInput(@Nullable Tensor gradient) {
      Tensor g = present(gradient);
      Tensor out = present(gradOutput);
      for (Entry<FullBackwardHook> entry : backward) {
        g = replaced(g, entry.hook.apply(module, g, out));
      }
      return g;
    }

    private static Tensor present(@Nullable Tensor gradient) {
      if (gradient == null) {
        throw new IllegalStateException("the engine runs hooks with gradients, outputs first");
      }
      return gradient;
    }
  }
}
