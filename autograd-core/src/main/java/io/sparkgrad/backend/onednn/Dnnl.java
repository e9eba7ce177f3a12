// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import io.sparkgrad.backend.BackendException;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.jspecify.annotations.Nullable;

/** The library: its engine, one stream per thread, and what its status codes mean. */
final class Dnnl {
  /** Status codes of dnnl_status_t, in order. */
  private static final String[] STATUS = {
    "success", "out of memory", "invalid arguments", "not implemented", "last implementation",
    "runtime error", "not required", "invalid graph", "invalid graph operation", "invalid shape",
    "invalid data type"
  };

  /** Comes first, and is kept: it holds the lock that tells other processes not to remove it. */
  @SuppressWarnings("UnusedVariable")
  private static final @Nullable VersionFolder LIBRARIES = NativeDirectory.prepare();

  private static final dnnl_engine ENGINE = newEngine();
  private static final ThreadLocal<dnnl_stream> STREAMS = ThreadLocal.withInitial(Dnnl::newStream);

  private Dnnl() {}

  private static dnnl_engine newEngine() {
    dnnl_engine engine = new dnnl_engine();
    check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "engine");
    return engine;
  }

  /** A thread comes here before it does anything else with oneDNN. */
  private static dnnl_stream newStream() {
    OpenMp.useOneThread();
    dnnl_stream stream = new dnnl_stream();
    check(dnnl.dnnl_stream_create(stream, ENGINE, dnnl.dnnl_stream_default_flags), "stream");
    return stream;
  }

  static dnnl_engine engine() {
    STREAMS.get(); // how many threads a primitive uses is settled when it is made
    return ENGINE;
  }

  /** The calling thread's. */
  static dnnl_stream stream() {
    return STREAMS.get();
  }

  /**
   * Checks a call.
   *
   * @param what was to be done, for the message
   * @throws BackendException with oneDNN's reason, unless it succeeded
   */
  static void check(int status, String what) {
    if (status != dnnl.dnnl_success) {
      String reason = status >= 0 && status < STATUS.length ? STATUS[status] : "status " + status;
      throw new BackendException("onednn backend: %s: %s".formatted(what, reason));
    }
  }
}
