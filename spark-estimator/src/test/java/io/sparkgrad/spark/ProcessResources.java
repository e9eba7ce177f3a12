// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a process holds, as Linux tells it.
 *
 * @param threads those of this library, by the beginnings of their names
 * @param sockets how many, without those that one end's port says are Spark's
 * @param removedFiles that are open still
 */
record ProcessResources(List<String> threads, int sockets, List<String> removedFiles) {
  /**
   * @param sparkPorts where executors serve blocks: they connect to each other whenever one wants a
   *     block of a broadcast or a shuffle from another, in the middle of a fit or not
   */
  static ProcessResources of(long process, Set<Integer> sparkPorts) throws IOException {
    Path proc = Path.of("/proc", String.valueOf(process));
    List<String> files = entries(proc.resolve("fd")).map(ProcessResources::target).toList();
    Set<String> ofSpark = new HashSet<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      content(proc.resolve(table))
          .lines()
          .skip(1)
          .map(line -> line.strip().split("\\s+"))
          .filter(
              socket ->
                  sparkPorts.contains(port(socket[1])) || sparkPorts.contains(port(socket[2])))
          .forEach(socket -> ofSpark.add("socket:[" + socket[9] + "]"));
    }
    return new ProcessResources(
        entries(proc.resolve("task"))
            .map(task -> content(task.resolve("comm")).strip())
            .filter(name -> name.startsWith("sparkgrad"))
            .toList(),
        (int)
            files.stream()
                .filter(file -> file.startsWith("socket:") && !ofSpark.contains(file))
                .count(),
        files.stream().filter(file -> file.contains("blockmgr-")).toList());
  }

  /** Of {@code 0100007F:1F90}, an address and a port in hexadecimal digits. */
  private static int port(String end) {
    return Integer.parseInt(end.substring(end.indexOf(':') + 1), 16);
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
