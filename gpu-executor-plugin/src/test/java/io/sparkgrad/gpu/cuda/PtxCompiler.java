// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** NVIDIA's assembler of PTX, as JCuda carries it: that of CUDA 12.0. It needs no GPU. */
final class PtxCompiler {
  private PtxCompiler() {}

  /** Fetches the size and then the text of a log. */
  private interface Log {
    int size(nvPTXCompilerHandle handle, long[] size);

    int text(nvPTXCompilerHandle handle, byte[] text);
  }

  private static final Log ERRORS =
      new Log() {
        @Override
        public int size(nvPTXCompilerHandle handle, long[] size) {
          return JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
        }

        @Override
        public int text(nvPTXCompilerHandle handle, byte[] text) {
          return JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, text);
        }
      };

  private static final Log INFORMATION =
      new Log() {
        @Override
        public int size(nvPTXCompilerHandle handle, long[] size) {
          return JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
        }

        @Override
        public int text(nvPTXCompilerHandle handle, byte[] text) {
          return JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, text);
        }
      };

  /** Loads the native library. */
  static void load() throws IOException {
    PrivateExtraction.during(() -> JNvPTXCompiler.nvPTXCompilerGetVersion(new int[1], new int[1]));
  }

  /**
   * Assembles a module.
   *
   * @param architecture 75 for sm_75
   * @return what the assembler says of each kernel
   * @throws IllegalStateException with the assembler's text if it refuses the module
   */
  static String assemble(String ptx, int architecture) {
    byte[] bytes = (ptx + '\0').getBytes(StandardCharsets.US_ASCII);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    check(handle, JNvPTXCompiler.nvPTXCompilerCreate(handle, bytes.length, bytes), "create");
    try {
      String[] options = {"--gpu-name=sm_" + architecture, "--verbose"};
      check(handle, JNvPTXCompiler.nvPTXCompilerCompile(handle, 2, options), "compile");
      return text(handle, INFORMATION);
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    }
  }

  private static void check(nvPTXCompilerHandle handle, int status, String call) {
    if (status != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
      throw new IllegalStateException(
          call + ": " + nvPTXCompileResult.stringFor(status) + "\n" + text(handle, ERRORS));
    }
  }

  private static String text(nvPTXCompilerHandle handle, Log log) {
    long[] size = new long[1];
    log.size(handle, size);
    byte[] text = new byte[(int) size[0] + 1];
    log.text(handle, text);
    return new String(Arrays.copyOf(text, (int) size[0]), StandardCharsets.UTF_8);
  }
}
