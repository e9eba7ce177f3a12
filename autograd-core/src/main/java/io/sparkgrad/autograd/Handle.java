// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

/** A registered hook. */
@FunctionalInterface
public interface Handle {
  /** Takes the hook away; may be called again, and while hooks run. */
  void remove();
}
