// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionFolderTest {
  @TempDir Path directory;

  private void enter(String version) throws IOException {
    VersionFolder.enter(directory, version).inUse().close();
  }

  @Test
  @DisplayName("Entering removes what an older version left, and nothing else")
  void removesOldVersions() throws IOException {
    enter("onednn-1");
    Files.createDirectories(directory.resolve("onednn-1/a.jar/org"));
    Files.writeString(directory.resolve("onednn-1/a.jar/org/libdnnl.so"), "x");
    Path own = Files.createDirectories(directory.resolve("onednn-2"));
    Files.writeString(own.resolve("libdnnl.so"), "x");
    Path foreign = Files.createDirectories(directory.resolve("holidays"));
    enter("onednn-2");
    assertFalse(Files.exists(directory.resolve("onednn-1")));
    assertTrue(Files.exists(own.resolve("libdnnl.so")));
    assertTrue(Files.exists(foreign));
  }

  @Test
  @DisplayName("A folder stays while any process uses it, and goes after the last")
  void keepsWhatIsInUse() throws IOException {
    try (NativeProcess first = NativeProcess.ofVersion(directory, "onednn-1")) {
      assertEquals(directory.resolve("onednn-1").toString(), first.answer());
      try (NativeProcess second = NativeProcess.ofVersion(directory, "onednn-1")) {
        assertEquals(directory.resolve("onednn-1").toString(), second.answer());
      }
      enter("onednn-2");
      assertTrue(Files.exists(directory.resolve("onednn-1")));
    }
    enter("onednn-2");
    assertFalse(Files.exists(directory.resolve("onednn-1")));
  }

  @Test
  @DisplayName("What this process uses under another class loader stays in use")
  void keepsItsOwn() throws IOException {
    VersionFolder mine = VersionFolder.enter(directory, "onednn-1");
    VersionFolder again = VersionFolder.enter(directory, "onednn-1");
    enter("onednn-2");
    assertTrue(Files.exists(mine.path()));
    try (NativeProcess other = NativeProcess.ofVersion(directory, "onednn-3")) {
      other.answer();
      assertTrue(Files.exists(mine.path()), "its lock is gone");
    }
    mine.inUse().close();
    again.inUse().close();
  }
}
