// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/**
 * Whether operations record a graph, per thread. On at the start of every thread; nothing is handed
 * on to threads that are started inside a scope.
 *
 * <pre>{@code
 * try (var scope = GradMode.noGrad()) {
 *   Tensor logits = net.forward(images); // requiresGrad() is false, nothing was recorded
 * }
 * }</pre>
 */
public final class GradMode {
  private GradMode() {}

  /**
   * Restores the mode that was in force when the scope was opened; closing twice does nothing more.
   */
  public static final class Scope implements AutoCloseable {
    private final boolean previous;
    private boolean open = true;

    private Scope(boolean enabled) {
      previous = Modes.current().grad;
      Modes.current().grad = enabled;
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        Modes.current().grad = previous;
      }
    }
  }

  /** Switches recording off on this thread until the scope is closed. */
  public static Scope noGrad() {
    return new Scope(false);
  }

  /** Switches recording on, also inside {@link #noGrad()}. */
  public static Scope enableGrad() {
    return new Scope(true);
  }

  public static Scope setGradEnabled(boolean enabled) {
    return new Scope(enabled);
  }

  /**
   * Switches recording off, and makes every tensor that is made in the scope an inference tensor:
   * it has no version and can never take part in a graph that would have to save it.
   */
  public static InferenceScope inferenceMode() {
    return inferenceMode(true);
  }

  /** With {@code false} inside {@link #inferenceMode()} everything is as usual until it closes. */
  public static InferenceScope inferenceMode(boolean enabled) {
    return new InferenceScope(enabled);
  }

  public static boolean isInferenceMode() {
    return Modes.current().inference;
  }

  /** Restores both modes; closing twice does nothing more. */
  public static final class InferenceScope implements AutoCloseable {
    private final boolean previous = Modes.current().inference;
    private final Scope grad;
    private boolean open = true;

    private InferenceScope(boolean enabled) {
      grad = new Scope(!enabled);
      Modes.current().inference = enabled;
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        Modes.current().inference = previous;
        grad.close();
      }
    }
  }

  /** Changes the mode of this thread until the enclosing scope closes. */
  public static void setEnabled(boolean enabled) {
    Modes.current().grad = enabled;
  }

  public static boolean isEnabled() {
    return Modes.current().grad;
  }
}
