// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

/** Why one of JCuda's native libraries did not load. */
public final class LinkFailure {
  private LinkFailure() {}

  /** JCuda puts several stack traces into its message; the last of them says what went wrong. */
  public static String cause(LinkageError e) {
    String message = String.valueOf(e.getMessage());
    return message
        .lines()
        .filter(line -> line.startsWith("java."))
        .reduce((first, last) -> last)
        .orElse(e.getClass().getName() + ": " + message.lines().findFirst().orElse(""));
  }
}
