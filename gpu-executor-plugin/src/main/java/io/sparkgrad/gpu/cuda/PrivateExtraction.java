// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.function.Supplier;

/**
 * Gives JCuda a directory of its own to unpack a native library into. JCuda writes to a fixed name
 * in {@code java.io.tmpdir} and loads whatever file already has it: two executors that start on one
 * machine would race (a half-written library kills the JVM), and any user of the machine could
 * leave one there. So the first touch of a JCuda class happens while {@code java.io.tmpdir} points
 * to a new directory that only this user can enter.
 *
 * <p>Other threads may read the property meanwhile; hence the directory stays until the JVM ends.
 */
final class PrivateExtraction {
  private static final String TMPDIR = "java.io.tmpdir";

  private PrivateExtraction() {}

  /** Runs the first touch; {@code java.io.tmpdir} is as before when this returns or throws. */
  static synchronized <T> T during(Supplier<T> firstTouch) throws IOException {
    File directory = Files.createTempDirectory("sparkgrad-cuda-").toFile();
    directory.deleteOnExit();
    // java.io.File reads the property once, at its first temporary file: let that be now and here.
    Files.delete(File.createTempFile("tmpdir", "", directory).toPath());
    String shared = System.getProperty(TMPDIR, "/tmp");
    System.setProperty(TMPDIR, directory.toString());
    try {
      return firstTouch.get();
    } finally {
      System.setProperty(TMPDIR, shared);
      deleteLibraries(directory);
    }
  }

  /** A loaded library stays mapped without its file; other files there are not ours. */
  private static void deleteLibraries(File directory) {
    File[] libraries = directory.listFiles((parent, name) -> name.startsWith("libJ"));
    for (File library : libraries == null ? new File[0] : libraries) {
      library.delete();
    }
  }
}
