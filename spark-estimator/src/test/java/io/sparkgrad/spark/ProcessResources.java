// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process holds, as Linux tells it.
 *
 * @param threads those of this library, by the beginnings of their names
 * @param sockets how many, also those of Spark
 * @param removedFiles that are open still
 */
record ProcessResources(List<String> threads, int sockets, List<String> removedFiles) {
  static ProcessResources of(long process) throws IOException {
    Path proc = Path.of("/proc", String.valueOf(process));
    List<String> files = entries(proc.resolve("fd")).map(ProcessResources::target).toList();
    return new ProcessResources(
        entries(proc.resolve("task"))
            .map(task -> content(task.resolve("comm")).strip())
            .filter(name -> name.startsWith("sparkgrad"))
            .toList(),
        (int) files.stream().filter(file -> file.startsWith("socket:")).count(),
        files.stream().filter(file -> file.contains("blockmgr-")).toList());
  }

  private static Stream<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList().stream();
    }
  }

  /** Empty if it is gone meanwhile. */
  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
