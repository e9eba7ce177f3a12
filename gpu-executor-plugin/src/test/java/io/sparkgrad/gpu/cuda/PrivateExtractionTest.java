// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

class PrivateExtractionTest {
  private static final String TMPDIR = System.getProperty("java.io.tmpdir");

  @Test
  void onlyThisUserEntersTheDirectory() throws IOException {
    Path directory = PrivateExtraction.during(PrivateExtractionTest::tmpdir);
    assertNotEquals(Path.of(TMPDIR), directory);
    assertEquals(
        "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
  }

  @Test
  void theOldDirectoryIsBackEvenAfterAFailure() {
    assertThrows(
        UnsatisfiedLinkError.class,
        () ->
            PrivateExtraction.during(
                () -> {
                  throw new UnsatisfiedLinkError();
                }));
    assertEquals(TMPDIR, System.getProperty("java.io.tmpdir"));
  }

  /** java.io.File would keep the private directory if it met it first. */
  @Test
  void temporaryFilesOfOthersStayWhereTheyWere() throws IOException {
    File other = PrivateExtraction.during(PrivateExtractionTest::temporaryFile);
    assertEquals(new File(TMPDIR), other.getParentFile());
    assertTrue(other.delete());
  }

  @Test
  void onlyLibrariesAreRemoved() throws IOException {
    Path directory =
        PrivateExtraction.during(
            () -> {
              Path here = tmpdir();
              create(here.resolve("libJCudaRuntime.so"));
              create(here.resolve("spark-1"));
              return here;
            });
    assertFalse(Files.exists(directory.resolve("libJCudaRuntime.so")));
    assertTrue(Files.deleteIfExists(directory.resolve("spark-1")));
  }

  private static Path tmpdir() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static File temporaryFile() {
    try {
      return File.createTempFile("other", null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void create(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
