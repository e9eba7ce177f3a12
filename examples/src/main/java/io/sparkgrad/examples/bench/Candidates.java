// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Who takes part: Sparkgrad, then the peers on the class path. */
final class Candidates {
  /** Whose outputs and gradients the others' are compared with. */
  static final String REFERENCE = "libtorch";

  private Candidates() {}

  static List<String> names() {
    return all().stream().map(Candidate::name).toList();
  }

  static Candidate named(String name) {
    if (name.equals(Sparkgrad.GPU_NAME)) {
      return Sparkgrad.onGpu();
    }
    return all().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "candidate: expected one of %s, got '%s'".formatted(names(), name)));
  }

  private static List<Candidate> all() {
    List<Candidate> all = new ArrayList<>();
    all.add(Sparkgrad.onCpu());
    ServiceLoader.load(Candidate.class).forEach(all::add);
    return all;
  }
}
