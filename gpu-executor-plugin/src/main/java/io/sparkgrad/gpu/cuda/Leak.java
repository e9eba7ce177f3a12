// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import java.util.List;

/**
 * Pieces of device memory that were asked for at one place.
 *
 * @param bytes of all of them
 * @param site the innermost frames of who asked
 */
public record Leak(int pieces, long bytes, List<StackTraceElement> site) {
  public Leak {
    site = List.copyOf(site);
  }

  /** One line, and one more for each frame. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            "%d bytes in %d piece%s, allocated".formatted(bytes, pieces, pieces == 1 ? "" : "s"));
    site.forEach(frame -> text.append("\n  at ").append(frame));
    return text.toString();
  }
}
