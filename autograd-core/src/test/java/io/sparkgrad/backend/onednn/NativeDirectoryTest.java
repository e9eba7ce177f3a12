// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeDirectoryTest {
  @TempDir Path directory;

  @Test
  @DisplayName("Processes that start at once unpack into one folder, and all load the library")
  void unpackedAtOnce() throws IOException {
    List<NativeProcess> processes = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        processes.add(new NativeProcess(directory));
      }
      for (NativeProcess process : processes) {
        assertEquals("backend onednn", process.answer());
      }
    } finally {
      for (NativeProcess process : processes) {
        process.close();
      }
    }
    try (var folders = Files.newDirectoryStream(directory, Files::isDirectory)) {
      List<Path> found = new ArrayList<>();
      folders.forEach(found::add);
      assertEquals(1, found.size(), found.toString());
      assertTrue(found.get(0).getFileName().toString().startsWith("onednn-3."), found.toString());
    }
  }

  @Test
  @DisplayName("A directory that cannot be made costs the library and says what to do")
  void unusable() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    try (NativeProcess process = new NativeProcess(file)) {
      assertEquals(
          "backend java; onednn not used: oneDNN's native library does not load here (java.nio.file.FileAlreadyExistsException: "
              + file
              + "); set -Dsparkgrad.native.dir=... to a directory that this user may write to, on a file system with 100 MB free and not mounted noexec",
          process.answer());
    }
  }
}
