// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs workloads: each candidate gets a new process, computes its outputs and gradients once for
 * comparison, is warmed up, and is then measured for a while in each round, strictly in turn.
 */
final class Race {
  /**
   * How long.
   *
   * @param warmup seconds before anything counts, at least; see {@link WarmUp}
   * @param seconds of each candidate in each round
   */
  record Schedule(int rounds, double seconds, double warmup) {}

  /**
   * Who takes part.
   *
   * @param needsNumbers whether it has to be given the weights and the batch, since it cannot draw
   *     the same: they are in the file of its first command
   */
  record Entrant(String name, boolean needsNumbers, Starter starter) {}

  /** Starts a candidate's process. */
  interface Starter {
    CandidateProcess start(int threads) throws IOException;
  }

  private final List<Entrant> entrants;
  private final String reference;
  private final Schedule schedule;

  /** Of candidates in JVMs, compared with {@link Candidates#REFERENCE}. */
  Race(List<String> candidates, Schedule schedule) {
    this(
        candidates.stream()
            .map(c -> new Entrant(c, false, threads -> CandidateProcess.start(c, threads)))
            .toList(),
        Candidates.REFERENCE,
        schedule);
  }

  /**
   * As said above.
   *
   * @param reference the entrant with whose outputs and gradients the others' are compared
   */
  Race(List<Entrant> entrants, String reference, Schedule schedule) {
    this.entrants = entrants;
    this.reference = reference;
    this.schedule = schedule;
  }

  /** A candidate with all that is known of it so far. */
  private static final class Runner {
    final String name;
    final boolean needsNumbers;
    final CandidateProcess process;
    String about = "";
    @Nullable Timings timings;
    @Nullable Map<String, Tensor> results;
    @Nullable Reply stopped;

    Runner(Entrant entrant, int threads) throws IOException {
      name = entrant.name();
      needsNumbers = entrant.needsNumbers();
      process = entrant.starter().start(threads);
    }

    /** Asks unless it has stopped; an answer that is no success stops it. */
    @Nullable Reply ask(String command) throws IOException {
      if (stopped != null) {
        return null;
      }
      Reply reply = process.ask(command);
      if (reply instanceof Reply.Unsupported || reply instanceof Reply.Failed) {
        stopped = reply;
        return null;
      }
      return reply;
    }

    void measure(Workload workload, double seconds) throws IOException {
      if (ask("run " + workload.name() + " " + seconds) instanceof Reply.Measured m) {
        timings = timings == null ? m.timings() : timings.and(m.timings());
      }
    }
  }

  /** One lane for each candidate, in their order. */
  List<Lane> run(Workload workload, int threads) throws IOException {
    List<Runner> runners = new ArrayList<>();
    try {
      for (Entrant entrant : entrants) {
        Runner runner = new Runner(entrant, threads);
        runners.add(runner);
        prepare(runner, workload);
      }
      for (int round = 0; round < schedule.rounds(); round++) {
        for (Runner runner : runners) {
          runner.measure(workload, schedule.seconds());
        }
      }
    } finally {
      for (Runner runner : runners) {
        runner.process.close();
      }
    }
    return lanes(runners);
  }

  private void prepare(Runner runner, Workload workload) throws IOException {
    if (runner.ask("start") instanceof Reply.Done done) {
      runner.about = done.text();
    }
    Path file = Files.createTempFile("bench-" + runner.name, ".safetensors");
    try {
      if (runner.needsNumbers) {
        Safetensors.write(workload.numbers(), Map.of(), file);
      }
      if (runner.ask("check " + workload.name() + " " + file) != null) {
        runner.results = Safetensors.read(file);
      }
    } finally {
      Files.deleteIfExists(file);
    }
    runner.ask("warm " + workload.name() + " " + schedule.warmup());
  }

  /** Where the time of Sparkgrad's own step goes; measured by itself, since sampling costs. */
  Profile profile(Workload workload, int threads) throws IOException {
    try (CandidateProcess process = CandidateProcess.start(Sparkgrad.NAME, threads)) {
      Reply reply = process.ask("start");
      for (String command : List.of("warm", "profile")) {
        double seconds = command.equals("warm") ? schedule.warmup() : schedule.seconds();
        reply = process.ask(command + " " + workload.name() + " " + seconds);
      }
      return reply instanceof Reply.Profiled p ? p.profile() : new Profile(List.of());
    }
  }

  private List<Lane> lanes(List<Runner> runners) {
    Map<String, Runner> byName = new LinkedHashMap<>();
    runners.forEach(r -> byName.put(r.name, r));
    Runner judge = byName.get(reference);
    Map<String, Tensor> expected = judge == null ? null : judge.results;
    List<Lane> lanes = new ArrayList<>();
    for (Runner r : runners) {
      Map<String, Tensor> results = r.results;
      Difference difference = null;
      if (expected != null && results != null && r != judge) {
        try {
          difference = Difference.of(expected, results);
        } catch (IllegalArgumentException e) { // other shapes: nothing to compare
          r.stopped = new Reply.Failed(String.valueOf(e.getMessage()));
        }
      }
      lanes.add(lane(r, difference));
    }
    return lanes;
  }

  private static Lane lane(Runner r, @Nullable Difference difference) {
    Reply stopped = r.stopped;
    String reason = "";
    if (stopped instanceof Reply.Failed f) {
      reason = f.message();
    } else if (stopped instanceof Reply.Unsupported u) {
      reason = u.reason();
    }
    Timings timings = stopped == null ? r.timings : null;
    return new Lane(r.name, r.about, timings, difference, reason, stopped instanceof Reply.Failed);
  }
}
