// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.Tensor;
import java.util.Map;

/**
 * An engine that takes part. The command finds the peers with a ServiceLoader and asks only for
 * their names; all else happens in the candidate's own process, on its main thread. Making one must
 * not load native libraries.
 */
public interface Candidate {
  /** One word. */
  String name();

  /**
   * Called once, before anything else.
   *
   * @return what is measured, in a few words: version, backend, threads
   */
  String start(int threads);

  /**
   * Builds the network with the workload's weights.
   *
   * @throws UnsupportedOperationException if this candidate cannot do it; the message says why
   */
  Trial prepare(Workload workload);

  /** A network with its batch, ready to be stepped. */
  interface Trial {
    /** One step, to the end: the loss, or the output, was read. */
    void step();

    /**
     * For a trial that has not been stepped: {@code output}, and when training {@code grad.} and
     * the name of each parameter that got one, row-major.
     */
    Map<String, Tensor> results();
  }
}
