// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines between the command and the processes of the candidates. */
class ReplyTest {
  @Test
  void repliesSurviveTheirLine() {
    var times = new Reply.Measured(new Timings(new long[] {12, 7}));
    assertEquals("@times 12 7", times.toLine());
    var read = assertInstanceOf(Reply.Measured.class, Reply.parse(times.toLine()));
    assertArrayEquals(new long[] {12, 7}, read.timings().nanos());
    for (Reply r :
        new Reply[] {
          new Reply.Done("libtorch 2"),
          new Reply.Profiled(
              new Profile(
                  List.of(
                      new Profile.Share("Conv2d.forward", 0.75), new Profile.Share("a", 0.25)))),
          new Reply.Unsupported("no layer"),
          new Reply.Failed("why")
        }) {
      assertEquals(r, Reply.parse(r.toLine()));
    }
  }

  @Test
  void aMessageOfSeveralLinesBecomesOne() {
    assertEquals("@failed a b", new Reply.Failed("a\n  b").toLine());
  }

  @Test
  void anythingElseIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> Reply.parse("@oops"));
    assertEquals(
        "reply: expected @done, @times, @profile, @unsupported or @failed, got '@oops'",
        e.getMessage());
  }

  private static CandidateMain candidate(Candidate candidate) {
    return new CandidateMain(candidate, 1);
  }

  @Test
  void aCandidateChecksAndRunsAWorkload(@TempDir Path folder) {
    CandidateMain main = candidate(Sparkgrad.onCpu());
    Path file = folder.resolve("tiny.safetensors");
    assertEquals(new Reply.Done("checked"), main.answer("check tiny-step-b3 " + file));
    assertEquals(true, Files.exists(file));
    assertInstanceOf(Reply.Done.class, main.answer("warm tiny-step-b3 0.001"));
    assertInstanceOf(Reply.Measured.class, main.answer("run tiny-step-b3 0.001"));
    var profiled = assertInstanceOf(Reply.Profiled.class, main.answer("profile tiny-step-b3 0.05"));
    double all = profiled.profile().shares().stream().mapToDouble(Profile.Share::part).sum();
    assertEquals(1, all, 1e-9);
  }

  @Test
  void whatACandidateCannotDoIsNoFailure() {
    Candidate lacking =
        new Candidate() {
          @Override
          public String name() {
            return "lacking";
          }

          @Override
          public String start(int threads) {
            return "";
          }

          @Override
          public Trial prepare(Workload workload) {
            throw new UnsupportedOperationException("no layer");
          }
        };
    Reply reply = candidate(lacking).answer("run tiny-step-b3 1");
    assertEquals(new Reply.Unsupported("no layer"), reply);
    assertInstanceOf(Reply.Failed.class, candidate(lacking).answer("walk"));
  }

  @Test
  void onlyPeersGetThreadSettings() {
    Map<String, String> environment = new java.util.HashMap<>();
    CandidateProcess.setThreads(environment, "libtorch", 2);
    assertEquals(
        Map.of("OMP_NUM_THREADS", "2", "MKL_NUM_THREADS", "2", "OPENBLAS_NUM_THREADS", "1"),
        environment);
    CandidateProcess.setThreads(environment, Sparkgrad.NAME, 2);
    assertEquals(Map.of(), environment);
  }
}
