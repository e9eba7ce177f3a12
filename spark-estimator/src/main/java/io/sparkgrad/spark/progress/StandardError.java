// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.progress;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The driver's standard error, as the terminal that it may be. */
final class StandardError {
  private static final Path LINUX = Path.of("/proc/self/fd/2");

  private StandardError() {}

  /** Told from the descriptor on Linux; elsewhere it is taken for one, as Spark takes it. */
  static boolean isTerminal() {
    try {
      return !Files.isSymbolicLink(LINUX) || isTerminal(Files.readSymbolicLink(LINUX).toString());
    } catch (IOException | SecurityException e) {
      return false; // it cannot be told, and a bar in a file is worse than none
    }
  }

  static boolean isTerminal(String device) {
    return device.matches("/dev/(pts/\\d+|tty.*|console)");
  }

  /** Columns, as Spark's own bar finds them. */
  static int width() {
    String columns = System.getenv("COLUMNS");
    return columns != null && columns.matches("\\d{1,4}") ? Integer.parseInt(columns) : 80;
  }

  static PrintStream stream() {
    return new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
  }
}
