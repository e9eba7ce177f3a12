// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import io.sparkgrad.gpu.ptx.PtxModule;
import java.util.concurrent.ConcurrentHashMap;

/** Modules by their text: tests load the same files again and again. */
final class ParsedModules {
  private static final ConcurrentHashMap<String, PtxModule> MODULES = new ConcurrentHashMap<>();

  private ParsedModules() {}

  static PtxModule of(String ptx) {
    return MODULES.computeIfAbsent(ptx, PtxModule::parse);
  }
}
