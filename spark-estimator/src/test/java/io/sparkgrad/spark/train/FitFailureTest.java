// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.sparkgrad.spark.data.InputException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is told of jobs that fail as Spark lets them. */
class FitFailureTest {
  private static final String FIRST =
      "rank 1 (host b, partition 1, attempt 3) failed in step 2 of epoch 1: java.io.IOException: no space left";

  /** As the driver has it of a task in another process. */
  private static Exception job(String type, String sentence) {
    return new Exception(
        "Job aborted due to stage failure: ResultStage has failed the maximum allowable number of times: 4. Most recent failure reason:\nio.sparkgrad.spark.%s: %s\n\tat io.sparkgrad.spark.train.TrainingTask.train(TrainingTask.java:1)"
            .formatted(type, sentence));
  }

  @Test
  @DisplayName("the worker that failed is told, also if a neighbour that lost it was heard before")
  void firstCause() {
    assertEquals(FIRST, FitFailure.of(job("train.WorkerException", FIRST)).getMessage());
    String neighbour =
        "rank 0 (host a, partition 0, attempt 3) failed in step 2 of epoch 1: rank 0 waits for rank 1 (b:7) in attempt 3: rank 1 (b:7) failed: "
            + FIRST;
    assertEquals(FIRST, FitFailure.of(job("train.WorkerException", neighbour)).getMessage());
    String next =
        "rank 2 (host c, partition 2, attempt 3) failed in step 2 of epoch 1: rank 2 waits for rank 0 (a:7) in attempt 3: rank 0 (a:7) failed: "
            + neighbour;
    assertEquals(FIRST, FitFailure.of(job("train.WorkerException", next)).getMessage());
  }

  @Test
  @DisplayName("who lost a worker that could say nothing tells what it saw")
  void killed() {
    String sentence =
        "rank 0 (host a, partition 0, attempt 3) failed in step 2 of epoch 1: rank 0 waits for rank 1 (b:7) in attempt 3: rank 1 (b:7) closed the connection (its task failed or was killed)";
    assertEquals(sentence, FitFailure.of(job("train.WorkerException", sentence)).getMessage());
  }

  @Test
  @DisplayName("what is wrong with the input is an IllegalArgumentException")
  void input() {
    RuntimeException e = FitFailure.of(job("data.InputException", "column x holds NaN"));
    assertInstanceOf(InputException.class, e);
    assertEquals("column x holds NaN", e.getMessage());
  }

  @Test
  @DisplayName("of a failure that is not ours the first line is told, and the rest is the cause")
  void others() {
    Exception failure = new Exception("Job 3 cancelled\nby somebody");
    RuntimeException e = FitFailure.of(failure);
    assertEquals("training failed: Job 3 cancelled", e.getMessage());
    assertSame(failure, e.getCause());
  }
}
