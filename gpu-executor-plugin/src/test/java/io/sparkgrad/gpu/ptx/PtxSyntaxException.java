// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** PTX that cannot be read, or that uses something the emulator lacks. */
public final class PtxSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PtxSyntaxException(int line, String message) {
    super("PTX line " + line + ": " + message);
  }
}
