// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.backend.Backends;
import io.sparkgrad.io.Safetensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The process of one candidate: {@code CandidateMain CANDIDATE THREADS}. It reads commands from its
 * standard input until that ends, and answers each with a {@link Reply}:
 *
 * <pre>
 * start                        what is measured
 * check WORKLOAD FILE          writes output and gradients of the fresh network
 * warm WORKLOAD SECONDS        runs steps for as long at least; see {@link WarmUp}
 * run WORKLOAD SECONDS         times of steps in nanoseconds; the network lives on
 * profile WORKLOAD SECONDS     where the time of Sparkgrad's steps goes
 * </pre>
 */
final class CandidateMain {
  private final Candidate candidate;
  private final int threads;
  private String prepared = "";
  private Candidate.@Nullable Trial trial;

  CandidateMain(Candidate candidate, int threads) {
    this.candidate = candidate;
    this.threads = threads;
  }

  public static void main(String[] args) throws IOException {
    PrintStream replies = System.out;
    System.setOut(System.err); // nothing else may come between replies
    CandidateMain main = new CandidateMain(Candidates.named(args[0]), Integer.parseInt(args[1]));
    var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      replies.println(main.answer(line).toLine());
      replies.flush();
    }
    System.exit(0); // engines leave threads behind
  }

  Reply answer(String line) {
    String[] words = line.split(" ", 3);
    try {
      return switch (words[0]) {
        case "start" -> start();
        case "check" -> check(Workloads.named(words[1]), Path.of(words[2]));
        case "warm" -> warm(Workloads.named(words[1]), Double.parseDouble(words[2]));
        case "run" -> run(Workloads.named(words[1]), Double.parseDouble(words[2]));
        case "profile" -> profile(Workloads.named(words[1]), Double.parseDouble(words[2]));
        default ->
            throw new IllegalArgumentException(
                "command: expected start, check, warm, run or profile, got '" + line + "'");
      };
    } catch (UnsupportedOperationException e) {
      return new Reply.Unsupported(String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException | LinkageError e) {
      e.printStackTrace();
      return new Reply.Failed(e.toString());
    }
  }

  /**
   * Our backend makes a peer's batch too and, when it first runs on a thread, sets that thread's
   * OpenMP to one: this must not come after the peer's own setting.
   */
  private Reply start() {
    Backends.cpu();
    return new Reply.Done(candidate.start(threads));
  }

  private Reply check(Workload workload, Path file) throws IOException {
    Safetensors.write(candidate.prepare(workload).results(), Map.of(), file);
    return new Reply.Done("checked");
  }

  private Reply warm(Workload workload, double seconds) {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    WarmUp warmUp = new WarmUp(System::nanoTime, compiler::getTotalCompilationTime);
    int steps = warmUp.run(trial(workload)::step, seconds);
    return new Reply.Done("warmed up in " + steps + " steps");
  }

  private Reply run(Workload workload, double seconds) {
    return new Reply.Measured(measured(workload, seconds));
  }

  private Reply profile(Workload workload, double seconds) {
    return new Reply.Profiled(Profile.of(() -> measured(workload, seconds)));
  }

  private Timings measured(Workload workload, double seconds) {
    return new Stopwatch(System::nanoTime).measure(trial(workload)::step, seconds);
  }

  private Candidate.Trial trial(Workload workload) {
    Candidate.Trial current = trial;
    if (current == null || !prepared.equals(workload.name())) {
      current = candidate.prepare(workload);
      trial = current;
      prepared = workload.name();
    }
    return current;
  }
}
