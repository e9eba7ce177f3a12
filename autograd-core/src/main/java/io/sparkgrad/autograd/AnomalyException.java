// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** NaN in a gradient while {@link Anomaly#detect} looks for it. */
public final class AnomalyException extends AutogradException {
  private static final long serialVersionUID = 1L;

  AnomalyException(String node, int output) {
    super(
        "%s returned nan values in its %dth output; the log shows where its forward operation was called."
            .formatted(node, output));
  }
}
