// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Where JavaCPP and JNA unpack native libraries: a folder per version of oneDNN, in the directory
 * that the system property {@value #PROPERTY} names, else in the user's home, else in {@code
 * java.io.tmpdir}. JavaCPP itself lets processes unpack one after the other and takes no file for
 * complete that is not. It has one directory a JVM: who loads a library first chooses it, and
 * {@code org.bytedeco.javacpp.cachedir} stays in force unless our own property is set.
 */
final class NativeDirectory {
  static final String PROPERTY = "sparkgrad.native.dir";

  private static final String JAVACPP_PROPERTY = "org.bytedeco.javacpp.cachedir";
  private static final String JNA_PROPERTY = "jna.tmpdir";

  private NativeDirectory() {}

  /**
   * Sees to it that libraries loaded from now on are unpacked there.
   *
   * @return the folder that this process uses, to be kept; null if JavaCPP's property rules
   * @throws UncheckedIOException if no directory can be made, written to and locked
   */
  static @Nullable VersionFolder prepare() {
    String configured = System.getProperty(PROPERTY);
    String javaCpp = System.getProperty(JAVACPP_PROPERTY);
    if (configured == null && javaCpp != null) {
      return null;
    }
    try {
      VersionFolder folder =
          configured != null ? enter(Path.of(configured)) : enterHomeOrTemporaryDirectory();
      if (System.getProperty(JNA_PROPERTY) == null) {
        System.setProperty(JNA_PROPERTY, folder.path().toString());
      }
      System.setProperty(JAVACPP_PROPERTY, folder.path().toString());
      Loader.getCacheDir(); // reads the property, once and for all
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      restore(JAVACPP_PROPERTY, javaCpp); // else another class loader would find it set
    }
  }

  private static VersionFolder enterHomeOrTemporaryDirectory() throws IOException {
    try {
      return enter(Path.of(System.getProperty("user.home"), ".sparkgrad", "native"));
    } catch (IOException noHome) {
      try {
        return enter(privateTemporaryDirectory());
      } catch (IOException e) {
        noHome.addSuppressed(e);
        throw noHome;
      }
    }
  }

  /** Others may write to {@code java.io.tmpdir} too, and must not leave a library there for us. */
  private static Path privateTemporaryDirectory() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path directory = temporary.resolve("sparkgrad-native-" + System.getProperty("user.name"));
    Files.createDirectories(directory);
    Path ours = Files.createTempFile(temporary, "sparkgrad-native", null);
    try {
      if (!Files.getOwner(directory).equals(Files.getOwner(ours))
          || !directory.toFile().setWritable(false, false)
          || !directory.toFile().setWritable(true, true)) {
        throw new AccessDeniedException(directory.toString(), null, "belongs to another user");
      }
    } finally {
      Files.delete(ours);
    }
    return directory;
  }

  private static VersionFolder enter(Path directory) throws IOException {
    String version = Loader.getVersion("org.bytedeco", "dnnl", dnnl.class);
    return VersionFolder.enter(
        directory.toAbsolutePath(), "onednn-" + version + "-" + Loader.getPlatform());
  }

  private static void restore(String property, @Nullable String value) {
    if (value == null) {
      System.clearProperty(property);
    } else {
      System.setProperty(property, value);
    }
  }

  /** What to do about a library that does not load. */
  static String remedy() {
    String platform = Loader.getPlatform();
    if (isMissing("dnnl/" + platform, "jnidnnl") || isMissing("opencl/" + platform, "jniOpenCL")) {
      return "add the org.bytedeco:javacpp, dnnl and opencl jars of " + platform;
    }
    return "set -D%s=... to a directory that this user may write to, on a file system with 100 MB free and not mounted noexec"
        .formatted(PROPERTY);
  }

  private static boolean isMissing(String folder, String library) {
    String file = "/org/bytedeco/" + folder + "/" + System.mapLibraryName(library);
    return NativeDirectory.class.getResource(file) == null;
  }
}
