// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A candidate in a process of its own: a JVM with this JVM's options and class path, or another
 * program. It computes only while {@link #ask} waits. Closing ends it.
 */
final class CandidateProcess implements AutoCloseable {
  /** The last of several {@code -Xmx} counts; all candidates get the same. */
  private static final String HEAP = "-Xmx3g";

  private static final List<String> THREAD_SETTINGS = List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS");

  /** At more than one it spins against OpenMP's threads: ten times slower. */
  private static final String OPENBLAS = "OPENBLAS_NUM_THREADS";

  private final Process process;
  private final Path errors;
  private final BufferedReader replies;
  private final BufferedWriter commands;

  private CandidateProcess(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    replies = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * A candidate in a JVM.
   *
   * @param options of that JVM, beside this one's
   */
  static CandidateProcess start(String candidate, int threads, String... options)
      throws IOException {
    Path errors = Files.createTempFile("bench-" + candidate, ".err");
    ProcessBuilder builder = new ProcessBuilder(command(candidate, threads, options));
    setThreads(builder.environment(), candidate, threads);
    return new CandidateProcess(builder.redirectError(errors.toFile()).start(), errors);
  }

  /** Another program that understands the commands of {@link CandidateMain}. */
  static CandidateProcess start(List<String> command) throws IOException {
    Path errors = Files.createTempFile("bench-peer", ".err");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    return new CandidateProcess(process, errors);
  }

  private static List<String> command(String candidate, int threads, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of(options));
    command.addAll(List.of(HEAP, "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CandidateMain.class.getName(), candidate, String.valueOf(threads)));
    return command;
  }

  /** For the peers; Sparkgrad has to do without, since its users do not set them either. */
  static void setThreads(Map<String, String> environment, String candidate, int threads) {
    if (candidate.startsWith(Sparkgrad.NAME)) {
      environment.keySet().removeAll(THREAD_SETTINGS);
      environment.remove(OPENBLAS);
    } else {
      THREAD_SETTINGS.forEach(name -> environment.put(name, String.valueOf(threads)));
      environment.put(OPENBLAS, "1");
    }
  }

  /** Waits for the answer; a process that has ended has failed. */
  Reply ask(String command) throws IOException {
    try {
      commands.write(command);
      commands.newLine();
      commands.flush();
    } catch (IOException brokenPipe) {
      return dead();
    }
    for (String line = replies.readLine(); line != null; line = replies.readLine()) {
      if (Reply.isReply(line)) {
        return Reply.parse(line);
      }
    }
    return dead();
  }

  private Reply dead() throws IOException {
    List<String> lines = Files.readAllLines(errors, StandardCharsets.UTF_8);
    String last = lines.isEmpty() ? "it wrote no error" : lines.get(lines.size() - 1);
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String code = process.isAlive() ? "?" : String.valueOf(process.exitValue());
    return new Reply.Failed("its process ended with code " + code + ": " + last);
  }

  @Override
  public void close() throws IOException {
    try {
      commands.close();
    } catch (IOException alreadyEnded) { // nothing is left to say to it
    }
    try {
      process.waitFor(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    Files.deleteIfExists(errors);
  }
}
