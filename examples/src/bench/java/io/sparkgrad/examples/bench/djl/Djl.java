// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import io.sparkgrad.examples.bench.Candidate;
import io.sparkgrad.examples.bench.Workload;

/** DJL with PyTorch's official build, which has MKL. */
public final class Djl implements Candidate {
  private static final String ENGINE = "PyTorch";

  @Override
  public String name() {
    return "djl";
  }

  @Override
  public String start(int threads) {
    System.setProperty("offline", "true"); // the native library is on the class path
    System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(threads));
    Engine engine = Engine.getEngine(ENGINE);
    JniUtils.setNumThreads(threads);
    return "DJL, PyTorch %s, threads: %d".formatted(engine.getVersion(), JniUtils.getNumThreads());
  }

  @Override
  public Trial prepare(Workload workload) {
    return new DjlTrial(Engine.getEngine(ENGINE), workload);
  }
}
