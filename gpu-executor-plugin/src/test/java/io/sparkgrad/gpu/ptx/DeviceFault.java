// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/**
 * A kernel did what would end it on a GPU, or what {@code compute-sanitizer} reports. The message
 * names the kernel, the line of the PTX and its text, the thread and the block.
 */
public final class DeviceFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, named as the tool of {@code compute-sanitizer} that reports it. */
  public enum Kind {
    /** An access outside of every live allocation, or misaligned. */
    MEMCHECK,
    /** A read of memory that nobody wrote. */
    INITCHECK,
    /** Two threads meet in a word of shared memory without a barrier between them. */
    RACECHECK,
    /** A barrier or a warp instruction that its threads cannot complete. */
    SYNCCHECK,
    /** {@code trap}, a failed {@code assert}, or a kernel that does not end. */
    TRAP
  }

  private final Kind kind;

  DeviceFault(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
