// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Where the calling thread makes tensors that are made from nothing: factories such as {@code
 * Tensor.zeros} and the parameters of new modules, as in PyTorch's {@code with
 * torch.device("cuda")}. Threads that say nothing have the CPU's backend, {@link Backends#cpu}.
 * Results of operations live where their operands do.
 *
 * <pre>{@code
 * try (var device = DefaultBackend.set(gpu)) {
 *   Module network = new Linear(784, 10);
 * }
 * }</pre>
 */
public final class DefaultBackend {
  private static final ThreadSetting<Backend> CURRENT =
      new ThreadSetting<>(() -> Backends.cpu().backend());

  private DefaultBackend() {}

  /** Sets it for the calling thread, until the scope is closed or for good. */
  public static ThreadSetting.Scope set(Backend backend) {
    return CURRENT.set(backend);
  }

  /** The calling thread's. */
  public static Backend get() {
    return CURRENT.get();
  }
}
