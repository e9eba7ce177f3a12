// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.util.List;
import picocli.CommandLine.Option;

/** The options of a command that runs {@link Race}s. */
final class RaceOptions {
  private static final Race.Schedule QUICK = new Race.Schedule(2, 0.5, 1);

  @Option(names = "--workloads", description = "a glob such as '{cnn,mlp}-train-*'")
  private String workloads = "*";

  @Option(names = "--rounds", description = "turns of each candidate")
  private int rounds;

  @Option(names = "--seconds", description = "length of a turn")
  private double seconds;

  @Option(
      names = "--warm-up",
      description = "seconds before the first turn, at least: it goes on while steps get faster")
  private double warmup;

  @Option(
      names = "--quick",
      description = "two turns of half a second after a short warm-up: shows that all works",
      defaultValue = "false")
  private boolean quick;

  /** With all workloads; what is not given on the command line is as here. */
  RaceOptions(Race.Schedule schedule) {
    rounds = schedule.rounds();
    seconds = schedule.seconds();
    warmup = schedule.warmup();
  }

  /** Those of the workloads that are asked for. */
  List<Workload> chosen(List<Workload> all) {
    return Workloads.matching(all, workloads);
  }

  /**
   * How long each race takes.
   *
   * @throws IllegalArgumentException if a number is too small
   */
  Race.Schedule schedule() {
    if (rounds < 1 || !(seconds > 0) || !(warmup >= 0)) {
      throw new IllegalArgumentException(
          "expected --rounds of at least 1, --seconds above 0 and --warm-up of at least 0, got %d, %s and %s"
              .formatted(rounds, seconds, warmup));
    }
    return quick ? QUICK : new Race.Schedule(rounds, seconds, warmup);
  }
}
