// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Asserts on what went wrong. */
final class Throws {
  private Throws() {}

  /** The message contains every fragment. */
  static void saying(Class<? extends RuntimeException> type, Executable call, String... fragments) {
    String message = assertThrows(type, call).getMessage();
    for (String fragment : fragments) {
      assertTrue(message.contains(fragment), message);
    }
  }
}
