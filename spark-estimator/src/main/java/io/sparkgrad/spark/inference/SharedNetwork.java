// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.inference;

import io.sparkgrad.autograd.TensorScope;
import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.nn.Module;
import io.sparkgrad.spark.train.NetworkFactory;
import java.io.Serializable;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A fitted network as it travels to the executors: architecture and weights. Where it arrives, it
 * is built once for each device, on first use, for all who share this object, and lives as long as
 * that does.
 *
 * <p>Nobody may change the module: tasks put rows through it at the same time, which is safe in
 * eval mode and without gradients.
 */
public final class SharedNetwork implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String architecture;
  private final byte[] weights;
  private transient @Nullable IdentityHashMap<Backend, Module> modules;

  /**
   * Keeps the array, and does not copy it.
   *
   * @param weights as a safetensors file
   */
  public SharedNetwork(String architecture, byte[] weights) {
    this.architecture = architecture;
    this.weights = weights;
  }

  /** The network on the CPU. */
  public Module module() {
    return module(Backends.cpu().backend());
  }

  /**
   * The network on a device, in eval mode; it outlives the tensor scopes in which it is asked for.
   */
  synchronized Module module(Backend backend) {
    if (modules == null) {
      modules = new IdentityHashMap<>();
    }
    return modules.computeIfAbsent(backend, this::build);
  }

  private Module build(Backend backend) {
    try (var suspended = TensorScope.suspend();
        var device = DefaultBackend.set(backend)) {
      Module network = NetworkFactory.restored(architecture, weights);
      network.eval();
      return network;
    }
  }
}
