// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.Backends;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own that loads oneDNN, says which backend it has, and lives until it is closed. */
final class NativeProcess implements AutoCloseable {
  private final Process process;

  /** Starts one with this system property {@code sparkgrad.native.dir}. */
  NativeProcess(Path directory) throws IOException {
    this(directory, Backend.class);
  }

  private NativeProcess(Path directory, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-D" + NativeDirectory.PROPERTY + "=" + directory);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** Starts one that uses the folder of this version and loads nothing. */
  static NativeProcess ofVersion(Path directory, String version) throws IOException {
    return new NativeProcess(directory, Folder.class, directory.toString(), version);
  }

  /** Its first line: it is ready. */
  String answer() throws IOException {
    return new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
        .readLine();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }

  static final class Backend {
    private Backend() {}

    public static void main(String[] args) throws IOException {
      System.out.println(Backends.cpu());
      System.in.read();
    }
  }

  static final class Folder {
    private Folder() {}

    public static void main(String[] args) throws IOException {
      VersionFolder folder = VersionFolder.enter(Path.of(args[0]), args[1]);
      System.out.println(folder.path());
      System.in.read();
      folder.inUse().close();
    }
  }
}
