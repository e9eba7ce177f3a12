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

  /** Changes the mode of this thread until the enclosing scope closes. */
  public static void setEnabled(boolean enabled) {
    Modes.current().grad = enabled;
  }

  public static boolean isEnabled() {
    return Modes.current().grad;
  }
}
