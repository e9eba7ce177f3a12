// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Watches how much memory of the machine a process occupies, as Linux says, every second. */
final class ResidentSize implements AutoCloseable {
  private final Path status;
  private final LongConsumer listener;
  private final Thread thread = new Thread(this::watch, "resident size");
  private volatile long peak;

  /**
   * Starts watching, until the process ends.
   *
   * @param listener is told the size in bytes
   */
  ResidentSize(long pid, LongConsumer listener) {
    this.status = Path.of("/proc", String.valueOf(pid), "status");
    this.listener = listener;
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    try {
      while (true) {
        long size = kilobytes("VmRSS") << 10;
        peak = Math.max(peak, size);
        listener.accept(size);
        Thread.sleep(1000);
      }
    } catch (IOException | InterruptedException e) {
      Thread.currentThread().interrupt(); // nothing more to see, or nobody who looks
    }
  }

  private long kilobytes(String field) throws IOException {
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException(status + " has no " + field);
  }

  /** The largest so far, in bytes. */
  long peak() {
    return peak;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
