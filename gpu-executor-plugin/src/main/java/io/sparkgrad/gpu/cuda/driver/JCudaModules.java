// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.cuda.driver;

import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadDataJIT;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JITOptions;

/** Modules of kernels, which the driver compiles from PTX, and the kernels in them. */
final class JCudaModules {
  /** What a kernel may ask for without saying so beforehand. */
  private static final int PLAIN_SHARED_BYTES = 48 << 10;

  private static final int LOG_BYTES = 8 << 10;

  private final NativeHandles<CUmodule> modules = new NativeHandles<>("module");
  private final NativeHandles<Function> functions = new NativeHandles<>("function");

  private static final class Function {
    final CUfunction handle = new CUfunction();
    volatile int sharedBytes = PLAIN_SHARED_BYTES;
  }

  long load(String name, String ptx) {
    byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
    byte[] terminated = Arrays.copyOf(text, text.length + 1);
    JITOptions options = new JITOptions();
    options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
    options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
    CUmodule module = new CUmodule();
    int status = cuModuleLoadDataJIT(module, Pointer.to(terminated), options);
    if (status != CUresult.CUDA_SUCCESS) {
      String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER).strip();
      throw CudaStatus.exception(
          status,
          "cuModuleLoadDataEx of %s%s".formatted(name, log.isEmpty() ? "" : " (" + log + ")"));
    }
    return modules.add(module);
  }

  long function(long module, String entry) {
    Function function = new Function();
    CudaStatus.check(
        cuModuleGetFunction(function.handle, modules.get(module), entry),
        "cuModuleGetFunction of " + entry);
    return functions.add(function);
  }

  /** The kernel, allowed to use the shared memory that this launch gives it. */
  CUfunction ready(KernelLaunch launch) {
    Function function = functions.get(launch.function());
    if (launch.sharedBytes() > function.sharedBytes) {
      CudaStatus.check(
          cuFuncSetAttribute(
              function.handle,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              launch.sharedBytes()),
          "cuFuncSetAttribute",
          launch);
      function.sharedBytes = launch.sharedBytes();
    }
    return function.handle;
  }

  void unload() {
    modules.clear(module -> CudaStatus.check(cuModuleUnload(module), "cuModuleUnload"));
  }
}
